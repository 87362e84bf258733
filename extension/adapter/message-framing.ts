/** The protocol's framing on a byte stream: a header with `Content-Length`, an empty line, JSON. */
import type { DebugProtocol as Dap } from '@vscode/debugprotocol';

/** A message that claims more than this is a broken stream, not a message. */
const maximumLength = 64 * 1024 * 1024;

export class MessageReader {
  private buffered: Uint8Array = new Uint8Array(0);

  /** The messages that are complete with these bytes. Throws when the stream is not the protocol. */
  push(bytes: Uint8Array): Dap.ProtocolMessage[] {
    this.buffered = concatenate(this.buffered, bytes);
    const messages: Dap.ProtocolMessage[] = [];
    for (;;) {
      const headerEnd = findHeaderEnd(this.buffered);
      if (headerEnd < 0) return messages;
      const length = contentLength(new TextDecoder().decode(this.buffered.subarray(0, headerEnd)));
      const start = headerEnd + 4;
      if (this.buffered.length < start + length) return messages;
      const text = new TextDecoder().decode(this.buffered.subarray(start, start + length));
      this.buffered = this.buffered.slice(start + length);
      messages.push(JSON.parse(text) as Dap.ProtocolMessage);
    }
  }
}

export function frameMessage(message: Dap.ProtocolMessage): Uint8Array {
  const body = new TextEncoder().encode(JSON.stringify(message));
  const header = new TextEncoder().encode(`Content-Length: ${body.length}\r\n\r\n`);
  return concatenate(header, body);
}

function contentLength(header: string): number {
  const length = Number(/^Content-Length: *(\d+)\s*$/im.exec(header)?.[1]);
  if (!Number.isInteger(length) || length > maximumLength) {
    throw new Error(`Not a header of the debug adapter protocol: ${header.slice(0, 80)}`);
  }
  return length;
}

function findHeaderEnd(bytes: Uint8Array): number {
  for (let at = bytes.indexOf(13); at >= 0; at = bytes.indexOf(13, at + 1)) {
    if (bytes[at + 1] === 10 && bytes[at + 2] === 13 && bytes[at + 3] === 10) return at;
  }
  return -1;
}

function concatenate(left: Uint8Array, right: Uint8Array): Uint8Array {
  const joined = new Uint8Array(left.length + right.length);
  joined.set(left);
  joined.set(right, left.length);
  return joined;
}
