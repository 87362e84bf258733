/**
 * Commands of the Debug Console: the views as text under the names that WinDbg's users know, memory, and questions
 * about the past. Whatever is none of them is a C expression.
 */
import type { Moment, Session, ViewName, ViewRow } from '../../engine/index.ts';
import type { Call } from './cancellation.ts';
import type { AdapterContext } from './context.ts';
import { quietError } from './errors.ts';
import { dumpLegend, hexDump } from './hex-dump.ts';
import { pointee } from './memory-targets.ts';
import { baseName } from './paths.ts';
import { type Answer, ask, type MemoryQuestion } from './questions.ts';
import { resume, travel } from './resuming.ts';

interface Console {
  readonly context: AdapterContext;
  readonly frameId: number | undefined;
  readonly call: Call;
}

interface ConsoleCommand {
  readonly usage: string;
  readonly does: string;
  /** What the whole input has to look like; groups are the command's arguments. */
  readonly form: RegExp;
  run(console: Console, given: readonly string[]): string | Promise<string>;
}

/** More rows than this at one level are only counted: the side bar pages through them. */
const maximumRows = 100;

/** Deeper levels are for the side bar. */
const maximumDepth = 3;

const defaultDump = 128;
const maximumDump = 0x1_0000;

const commands: readonly ConsoleCommand[] = [
  viewCommand('!dma', 'dmaAdapters', 'lists DMA adapters and their common buffers'),
  viewCommand('!mdl', 'mdls', 'lists MDLs'),
  viewCommand('!memusage', 'physicalMemory', 'lists physical memory and its owners'),
  {
    usage: 'dump ADDRESS|EXPRESSION[, BYTES]',
    does: 'shows memory; what was never written is marked',
    form: /^dump\s+(.+?)(?:,\s*(0x[0-9a-f]+|\d+))?$/i,
    run: ({ context, frameId }, [expression, bytes]) =>
      dump(context, frameId, expression, bytes === undefined ? defaultDump : Number(bytes)),
  },
  {
    usage: 'who wrote ADDRESS|EXPRESSION[, BYTES]',
    does: 'finds the last write to memory or a variable',
    form: /^who\s+wrote\s+(.+?)(?:,\s*(0x[0-9a-f]+|\d+))?$/i,
    run: (console, [expression, bytes]) => memoryQuestion(console, 'wrote', expression, bytes),
  },
  {
    usage: 'when allocated|freed|locked ADDRESS|EXPRESSION',
    does: 'lists the calls that did so with the memory that it points to',
    form: /^when\s+(allocated|freed|locked)\s+(.+)$/i,
    run: (console, [what, expression]) =>
      memoryQuestion(console, what?.toLowerCase() as MemoryQuestion, expression, undefined),
  },
  {
    usage: 'calls of ROUTINE[, COUNT]',
    does: 'lists the latest calls of a routine; * and ? are allowed, module!routine too',
    form: /^calls\s+of\s+([\w!*?$ ]+?)(?:,\s*(\d+))?$/i,
    run: async ({ context, call }, [name = '', count]) => {
      const limit = count === undefined ? {} : { limit: Number(count) };
      return listed(
        context,
        await ask(context, { question: 'calls', name, ...limit }, call.signal),
      );
    },
  },
  {
    usage: 'go to MOMENT|start|end',
    does: 'goes to a moment of the run, to its first or to its last statement',
    form: /^go\s+to\s+(\d+|start|end)$/i,
    run: ({ context, call }, [where = '']) => {
      const word = where.toLowerCase();
      if (word === 'start') resume(context, 'toStart', undefined, call);
      else if (word === 'end') resume(context, 'toEnd', undefined, call);
      else travel(context, Number(word), call);
      return /^\d/.test(word) ? `Going to moment ${word}.` : `Going to the ${word} of the run.`;
    },
  },
  {
    usage: 'help',
    does: 'lists these commands',
    form: /^(?:!?help|\?)$/i,
    run: help,
  },
];

/** The answer to a command; undefined for what is not one, a C expression. */
export function consoleCommand(
  context: AdapterContext,
  text: string,
  frameId: number | undefined,
  call: Call,
): string | Promise<string> | undefined {
  const input = text.trim();
  for (const command of commands) {
    const match = command.form.exec(input);
    if (match !== null) return command.run({ context, frameId, call }, match.slice(1));
  }
  const begun = commands.find(({ usage }) => isBegun(usage, input));
  if (begun !== undefined) throw quietError(`It is: ${begun.usage}`);
  if (!/^![a-z]+$/.test(input)) return undefined;
  return `There is no command ${input}.\n${help()}`;
}

/** The words of commands that begin with these characters, for completion. */
export function commandWords(before: string): readonly string[] {
  const typed = before.trimStart().toLowerCase();
  if (typed === '') return [];
  const whole = [
    ...commands.map(({ usage }) => /^[!a-z ]*[a-z](?= |$)/.exec(usage)?.[0] ?? usage),
    ...['when allocated', 'when freed', 'when locked', 'go to start', 'go to end'],
  ];
  return whole.filter((command) => command.startsWith(typed) && command !== typed);
}

/** Two words of a command without what has to follow; no C begins like this. */
function isBegun(usage: string, input: string): boolean {
  const words = /^[a-z]+ [a-z]+/.exec(usage)?.[0];
  return words !== undefined && input.toLowerCase().replaceAll(/\s+/g, ' ').startsWith(words);
}

function help(): string {
  const width = Math.max(...commands.map(({ usage }) => usage.length));
  return [
    'Commands of this console; everything else is a C expression.',
    ...commands.map(({ usage, does }) => `${usage.padEnd(width)}  ${does}`),
  ].join('\n');
}

// ---- The past ------------------------------------------------------------------------------------------

async function memoryQuestion(
  { context, frameId, call }: Console,
  question: MemoryQuestion,
  expression: string | undefined,
  bytes: string | undefined,
): Promise<string> {
  const answer = await ask(
    context,
    {
      question,
      expression: expression?.trim(),
      frameId,
      ...(bytes === undefined ? {} : { bytes: Number(bytes) }),
    },
    call.signal,
  );
  return listed(context, answer);
}

/**
 * Moments one a line. A client that follows links gets each as an output of its own, with its place in the source
 * and a link that goes there.
 */
function listed(context: AdapterContext, { moments, more, message }: Answer): string {
  if (moments.length === 0) return message;
  const momentLink = context.options.momentLink?.();
  const earlier = more ? ' There are earlier ones.' : '';
  if (momentLink === undefined) {
    const lines = moments.map((moment) => `${momentText(context, moment)}  [go to ${moment.tick}]`);
    return [...lines, ...(more ? [earlier.trim()] : [])].join('\n');
  }
  for (const moment of moments) {
    context.emit('output', {
      category: 'console',
      output: `${momentText(context, moment)}  ${momentLink}${moment.tick}\n`,
      ...context.place(moment.site),
    });
  }
  const count = moments.length === 1 ? 'One moment' : `${moments.length} moments`;
  return `${count}; follow a link, or type go to ${moments.at(-1)?.tick}.${earlier}`;
}

function momentText(context: AdapterContext, { tick, text, site }: Moment): string {
  const now = context.session.position.tick;
  const ahead = tick > now ? ' (ahead of the present moment)' : '';
  const place =
    site === undefined || text.includes(' at ') ? '' : ` at ${baseName(site.file)}:${site.line}`;
  return `${text}${place}${ahead}`;
}

// ---- Memory and views ----------------------------------------------------------------------------------

function dump(
  context: AdapterContext,
  frameId: number | undefined,
  expression: string | undefined,
  count: number,
): string {
  const { session } = context;
  const bytes = Math.min(count, maximumDump);
  const { reference } = pointee(context, { expression: expression?.trim(), frameId });
  const block = session.readMemory(reference, 0, bytes);
  if (block === undefined) throw quietError(`${expression} is not in memory.`);
  const dumped = {
    address: BigInt(block.address),
    bytes: block.bytes,
    unreadable: block.unreadable,
    neverWritten: session.neverWritten(reference, 0, bytes),
  };
  const legend = dumpLegend(dumped);
  return legend === '' ? hexDump(dumped) : `${hexDump(dumped)}\n${legend}`;
}

function viewCommand(name: string, view: ViewName, does: string): ConsoleCommand {
  return {
    usage: name,
    does,
    form: new RegExp(`^${name}$`),
    run: ({ context }) => {
      const lines = list(context.session, view, undefined, 0);
      return lines.length === 0 ? 'Nothing at this point of the scenario.' : lines.join('\n');
    },
  };
}

function list(
  session: Session,
  view: ViewName,
  parent: string | undefined,
  depth: number,
): string[] {
  const rows = session.view({
    view,
    ...(parent === undefined ? {} : { parent }),
    start: 0,
    count: maximumRows + 1,
  });
  const indent = '  '.repeat(depth);
  const lines = rows
    .slice(0, maximumRows)
    .flatMap((row) => [
      indent + rowText(row),
      ...(row.hasChildren && depth + 1 < maximumDepth
        ? list(session, view, row.id, depth + 1)
        : []),
    ]);
  if (rows.length > maximumRows) lines.push(`${indent}...`);
  return lines;
}

function rowText({ label, description }: ViewRow): string {
  return description === '' ? label : `${label}  ${description}`;
}
