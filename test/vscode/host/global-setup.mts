// Starts, once for all test files, VS Code's server, a browser and the extension's files.
import { resolve } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startBrowser } from './browser.mts';
import { serveExtension } from './extension-files.mts';
import { installBrowser, installServer } from './install.mts';
import { startServer } from './server.mts';

/** What test files need to open a workbench. */
export interface HostAddresses {
  readonly server: { readonly origin: string; readonly token: string };
  readonly browser: string;
  readonly extensionFiles: string;
  readonly extensionFolder: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    readonly host: HostAddresses;
  }
}

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const progress = (message: string): void => console.log(message);
  const extensionFolder = resolve('.');
  const installation = await installServer(progress);
  const executable = await installBrowser(progress);
  const server = await startServer(installation);
  const browser = await startBrowser(executable);
  const files = await serveExtension(extensionFolder);
  project.provide('host', {
    server: { origin: server.origin, token: server.token },
    browser: browser.wsEndpoint(),
    extensionFiles: files.authority,
    extensionFolder,
  });
  return async () => {
    await browser.close();
    await files.stop();
    await server.stop();
  };
}
