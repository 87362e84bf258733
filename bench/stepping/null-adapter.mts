// Answers every request at once with canned data: the floor that pipes and JSON set.
let buffer = Buffer.alloc(0);
let seq = 0;

function send(message: object): void {
  const text = JSON.stringify({ seq: ++seq, ...message });
  process.stdout.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
}

const bodies: Readonly<Record<string, object>> = {
  stackTrace: { stackFrames: [{ id: 1, name: 'main', line: 1, column: 1 }], totalFrames: 1 },
  scopes: { scopes: [{ name: 'Locals', variablesReference: 1, expensive: false }] },
  variables: {
    variables: ['acc', 'i'].map((name) => ({ name, value: '0', variablesReference: 0 })),
  },
};

process.stdin.on('data', (bytes: Buffer) => {
  buffer = Buffer.concat([buffer, bytes]);
  for (;;) {
    const head = buffer.indexOf('\r\n\r\n');
    if (head < 0) return;
    const length = Number(/Content-Length: (\d+)/.exec(buffer.toString('latin1', 0, head))?.[1]);
    if (buffer.length < head + 4 + length) return;
    const request = JSON.parse(buffer.toString('utf8', head + 4, head + 4 + length)) as {
      seq: number;
      command: string;
    };
    buffer = buffer.subarray(head + 4 + length);
    const { command } = request;
    send({
      type: 'response',
      request_seq: request.seq,
      success: true,
      command,
      body: bodies[command] ?? {},
    });
    if (command === 'next' || command === 'stepBack') {
      send({ type: 'event', event: 'stopped', body: { reason: 'step', threadId: 1 } });
    }
  }
});
