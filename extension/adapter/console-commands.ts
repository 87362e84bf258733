/** Commands of the Debug Console under the names that WinDbg's users know: the views as text. */
import type { Session, ViewName, ViewRow } from '../../engine/index.ts';

interface ConsoleCommand {
  readonly view: ViewName;
  readonly does: string;
}

const commands: Readonly<Record<string, ConsoleCommand>> = {
  '!dma': { view: 'dmaAdapters', does: 'lists DMA adapters and their common buffers' },
  '!mdl': { view: 'mdls', does: 'lists MDLs' },
  '!memusage': { view: 'physicalMemory', does: 'lists physical memory and its owners' },
};

/** More rows than this at one level are only counted: the side bar pages through them. */
const maximumRows = 100;

/** Deeper levels are for the side bar. */
const maximumDepth = 3;

/** The answer to a command; undefined for what is not one, a C expression. */
export function consoleCommand(session: Session, text: string): string | undefined {
  const name = text.trim();
  if (!/^![a-z]/.test(name)) return undefined;
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined) {
    const known = Object.entries(commands).map(([known, { does }]) => `${known}  ${does}`);
    return [`There is no command ${name}. There are:`, ...known].join('\n');
  }
  const lines = list(session, command.view, undefined, 0);
  return lines.length === 0 ? 'Nothing at this point of the scenario.' : lines.join('\n');
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
