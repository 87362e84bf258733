/** Runs the built command as a shell would. */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { inject, onTestFinished, vi } from 'vitest';

// Each command is a process that starts from nothing; on a busy machine that takes its time.
vi.setConfig({ testTimeout: 120_000 });

export interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export const repository = resolve(import.meta.dirname, '../../..');

/** Runs `dms` with these words in a folder, the repository by default. */
export function dms(words: readonly string[], folder = repository): Promise<Outcome> {
  return runCommand(inject('dmsCommand'), words, folder);
}

/** Runs a build of the command. */
export function runCommand(
  command: string,
  words: readonly string[],
  folder = repository,
): Promise<Outcome> {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [command, ...words], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let out = '';
    let err = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      err += text;
    });
    child.once('error', fail);
    child.once('close', (code) => done({ code, out, err }));
  });
}

/** A folder with these files, gone after the test. */
export function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'dms-files-'));
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A driver around one body of DriverEntry; it can be unloaded. */
export const driverWith = (body: string): string => `#include <wdm.h>

static VOID Unload(PDRIVER_OBJECT DriverObject)
{
    UNREFERENCED_PARAMETER(DriverObject);
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(RegistryPath);
    DriverObject->DriverUnload = Unload;
${body}
    return STATUS_SUCCESS;
}
`;
