// Memory of processes as they use it: regions, protection, shared sections.
import { expect, test } from 'vitest';
import { finish, textSession } from './sample-session.ts';

/** What processes print, and the outcome. */
function run(text: string): { lines: string[]; outcome: string; failures: readonly unknown[] } {
  const session = textSession(`#include <windows.h>\n#include <stdio.h>\n${text}`);
  finish(session);
  const { output, outcome, failures, bugChecks, violations } = session.result();
  return {
    lines: output.map((line) => line.text.trim()),
    outcome,
    failures: [...failures, ...bugChecks, ...violations],
  };
}

/** One process whose main has this body; it prints by `say(expression)`. */
const inMain = (body: string): string => `scenario "s" {
  process p {
    static void say(unsigned long long value) { printf("%llu\\n", value); }
    static int touches(volatile char *at, int write) {
      __try { if (write) *at = 1; else (void)*at; return 1; }
      __except (EXCEPTION_EXECUTE_HANDLER) { return 0; }
    }
    int main(void) { DWORD old = 0; ${body} return 0; }
  }
}`;

const printed = (body: string): string[] => {
  const { lines, failures } = run(inMain(body));
  expect(failures).toEqual([]);
  return lines;
};

test('reserved pages are there once they are committed, zeroed', () => {
  expect(
    printed(`
      char *base = VirtualAlloc(NULL, 10 * 4096, MEM_RESERVE, PAGE_READWRITE);
      say(touches(base, 0));
      say(VirtualAlloc(base + 4096, 2 * 4096, MEM_COMMIT, PAGE_READWRITE) == base + 4096);
      say(touches(base, 0)); say(touches(base + 4096, 1)); say(touches(base + 3 * 4096, 0));
      say(base[2 * 4096]);
    `),
  ).toEqual(['0', '1', '0', '1', '0', '0']);
});

test('decommitted pages are gone and come back zeroed; the rest keeps its data', () => {
  expect(
    printed(`
      char *base = VirtualAlloc(NULL, 4 * 4096, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
      base[0] = 1; base[4096] = 2; base[8192] = 3;
      say(VirtualFree(base + 4096, 4096, MEM_DECOMMIT));
      say(base[0]); say(touches(base + 4096, 0)); say(base[8192]);
      say(VirtualAlloc(base, 4 * 4096, MEM_COMMIT, PAGE_READWRITE) == base);
      say(base[0]); say(base[4096]); say(base[8192]);
      say(VirtualFree(base + 4096, 0, MEM_RELEASE)); say(VirtualFree(base, 0, MEM_RELEASE));
      say(touches(base, 0)); say(VirtualFree(base, 0, MEM_RELEASE));
    `),
  ).toEqual(['1', '1', '0', '3', '1', '1', '0', '3', '0', '1', '0', '0']);
});

test('protection is of pages, and the old one is answered', () => {
  expect(
    printed(`
      char *base = VirtualAlloc(NULL, 3 * 4096, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
      say(VirtualProtect(base + 4096, 1, PAGE_READONLY, &old)); say(old);
      say(touches(base, 1)); say(touches(base + 4096, 1)); say(touches(base + 4096, 0)); say(touches(base + 8192, 1));
      say(VirtualProtect(base + 4096, 4096, PAGE_NOACCESS, &old)); say(old); say(touches(base + 4096, 0));
      say(VirtualFree(base, 0, MEM_RELEASE));
    `),
  ).toEqual(['1', '4', '1', '0', '1', '1', '1', '2', '0', '1']);
});

test('a region that is reserved at an address begins at a multiple of 64 KB and lies nowhere else', () => {
  expect(
    printed(`
      char *wanted = (char *)0x10000000 + 0x12345;
      char *base = VirtualAlloc(wanted, 4096, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
      say(base == (char *)0x10010000); say(touches(wanted, 1));
      say(VirtualAlloc((char *)0x10010000, 4096, MEM_RESERVE, PAGE_READWRITE) == NULL); say(GetLastError());
      say(VirtualFree(base, 0, MEM_RELEASE));
      say(VirtualAlloc((char *)0x10010000, 4096, MEM_RESERVE, PAGE_READWRITE) == base);
    `),
  ).toEqual(['1', '1', '1', '487', '1', '1']);
});

test('two processes see each other’s writes in a section of one name', () => {
  const { lines, failures } = run(`scenario "s" {
    process writer { int main(void) {
      HANDLE section = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 3 * 4096, "Shared");
      HANDLE event = CreateEventA(NULL, FALSE, FALSE, NULL);
      int *view = MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, 0);
      printf("first %lu\\n", GetLastError());
      view[0] = 41; view[2048] = 7;
      while (view[0] != 42) WaitForSingleObject(event, 1);
      printf("writer sees %d\\n", view[0]);
      UnmapViewOfFile(view); CloseHandle(section);
      printf("gone %d\\n", OpenFileMappingA(FILE_MAP_READ, FALSE, "Shared") == NULL);
      return 0; } }
    process reader { int main(void) {
      HANDLE section = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 3 * 4096, "Shared");
      int *view;
      printf("second %lu\\n", GetLastError());
      view = MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, 0);
      printf("reader sees %d and %d\\n", view[0], view[2048]);
      view[0]++;
      CloseHandle(section);
      return 0; } }
  }`);
  expect(failures).toEqual([]);
  expect(lines.sort()).toEqual(
    ['first 0', 'second 183', 'reader sees 41 and 7', 'writer sees 42', 'gone 1'].sort(),
  );
});

test('a view keeps to the protection and the bounds of its section', () => {
  const { lines, failures } = run(`scenario "s" {
    process p { int main(void) {
      HANDLE section = CreateFileMappingW(INVALID_HANDLE_VALUE, NULL, PAGE_READONLY, 0, 0x20000, NULL);
      printf("%d %lu\\n", MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, 0) == NULL, GetLastError());
      printf("%d %lu\\n", MapViewOfFile(section, FILE_MAP_READ, 0, 0x1000, 0) == NULL, GetLastError());
      printf("%d\\n", MapViewOfFile(section, FILE_MAP_READ, 0, 0x10000, 0x20000) == NULL);
      printf("%d\\n", MapViewOfFile(section, FILE_MAP_READ, 0, 0x10000, 0x1000) != NULL);
      printf("%d\\n", CreateFileMappingW(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 0, NULL) == NULL);
      return 0; } }
  }`);
  expect(failures).toEqual([]);
  expect(lines).toEqual(['1 87', '1 1132', '1', '1', '1']);
});
