/** What the memory views know of a host, and the small helpers that they share. */
import type { Peek } from '../../vm/access.ts';
import type { Site } from '../../vm/reports.ts';
import type { RowRequest, ViewRow } from '../../vm/view-row.ts';
import type { StrayAccesses } from '../hal/stray-accesses.ts';
import type { MemoryManager } from './memory-manager.ts';

export interface MemoryViewHost {
  readonly name: string;
  readonly memory: MemoryManager;
  /** What devices touched that nobody had given them. */
  readonly strays: StrayAccesses;
  /** The system half of the address space. */
  readonly peek: Peek;
  /** The name of a process by its number. */
  processName(process: number): string;
}

/** Rows without a page request: enough for a tree that did not ask for less. */
const DEFAULT_COUNT = 200;

export interface Page {
  readonly start: number;
  readonly count: number;
}

export const pageOf = (request: RowRequest): Page => ({
  start: request.start ?? 0,
  count: request.count ?? DEFAULT_COUNT,
});

/** The part of a page that falls behind `fixed` rows which come first. */
export function behind(page: Page, fixed: number): Page {
  const skipped = Math.max(0, page.start - fixed);
  const shown = Math.max(0, fixed - page.start);
  return { start: skipped, count: Math.max(0, page.count - shown) };
}

/** A row with the fields that most rows leave empty. */
export function row(
  fields: Pick<ViewRow, 'id' | 'label' | 'description' | 'icon' | 'kind'> & Partial<ViewRow>,
): ViewRow {
  return {
    tooltip: '',
    hasChildren: false,
    site: undefined,
    memoryReference: undefined,
    bytes: undefined,
    ...fields,
  };
}

/** Splits an id into the host's name and the path below it. */
export function splitId<H extends { readonly name: string }>(
  hosts: readonly H[],
  id: string,
): { readonly host: H; readonly path: readonly string[] } | undefined {
  const [name, ...path] = id.split('/');
  const host = hosts.find((candidate) => candidate.name === name);
  return host === undefined ? undefined : { host, path };
}

/** Roots of a view: the rows of the one host, or a row for each of several. */
export function hostRows<H extends { readonly name: string }>(
  hosts: readonly H[],
  describe: (host: H) => string,
  rowsOf: (host: H, path: readonly string[], page: Page) => readonly ViewRow[],
  request: RowRequest,
): readonly ViewRow[] {
  const page = pageOf(request);
  if (request.parent !== undefined) {
    const found = splitId(hosts, request.parent);
    return found === undefined ? [] : rowsOf(found.host, found.path, page);
  }
  const [only] = hosts;
  if (hosts.length === 1 && only !== undefined) return rowsOf(only, [], page);
  return hosts.slice(page.start, page.start + page.count).map((host) =>
    row({
      id: host.name,
      label: host.name,
      description: describe(host),
      icon: 'vm',
      kind: 'host',
      hasChildren: true,
    }),
  );
}

/** Markdown lines of a tooltip; empty ones are left out. */
export const lines = (...parts: readonly (string | undefined)[]): string =>
  parts.filter((part) => part !== undefined && part !== '').join('\n\n');

/** A code fence's content in one line. */
export const code = (text: string): string => `\`${text}\``;

/** `proxy.c:12` as a tooltip line. */
export function madeAt(site: Site | undefined): string | undefined {
  return site === undefined
    ? undefined
    : `Made in ${code(site.function)}, ${site.file}:${site.line}`;
}
