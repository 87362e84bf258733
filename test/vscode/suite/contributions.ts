import * as vscode from 'vscode';
import { equal, ok } from './assert.ts';
import type { HostTest } from './runner.ts';

const extensionId = 'driver-memory-scenarios.driver-memory-scenarios';

interface Manifest {
  readonly contributes: { readonly commands: readonly { readonly command: string }[] };
}

export const contributionTests: readonly HostTest[] = [
  {
    name: 'a .dms file opens in the language of scenarios',
    async run() {
      const [file] = await vscode.workspace.findFiles('nolowmem.dms');
      ok(file, 'nolowmem.dms in the workspace');
      const document = await vscode.workspace.openTextDocument(file);
      equal(document.languageId, 'dms');
    },
  },
  {
    name: 'the extension activates',
    async run() {
      const extension = vscode.extensions.getExtension(extensionId);
      ok(extension, `the extension ${extensionId}`);
      await extension.activate();
      ok(extension.isActive, 'an active extension');
    },
  },
  {
    name: 'every contributed command is registered',
    async run() {
      const extension = vscode.extensions.getExtension(extensionId);
      ok(extension, `the extension ${extensionId}`);
      await extension.activate();
      const manifest = extension.packageJSON as Manifest;
      const registered = new Set(await vscode.commands.getCommands(true));
      const contributed = manifest.contributes.commands.map(({ command }) => command);
      equal(
        contributed.filter((command) => !registered.has(command)),
        [],
      );
    },
  },
];
