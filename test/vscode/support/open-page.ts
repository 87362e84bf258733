import { type Browser, chromium, type Page } from 'playwright-core';
import { inject } from 'vitest';
import { type Payload, remoteUri, workbenchAddress } from '../host/server.mts';

/** Where VS Code runs the extension: a Node process, or a web worker as on vscode.dev. */
export type ExtensionHost = 'node' | 'web';

export const extensionHosts: readonly ExtensionHost[] = ['node', 'web'];

export interface PageOptions {
  readonly extensionHost: ExtensionHost;
  /** The folder to open. */
  readonly workspace: string;
  /** False when the extension is installed in the server. */
  readonly develop?: boolean;
  /** A module of the extension's folder that runs inside VS Code and exports `run()`. */
  readonly tests?: string;
  /** Called before the workbench loads. */
  readonly prepare?: (page: Page) => Promise<void>;
  /** Another server than the one that all test files share. */
  readonly server?: { readonly origin: string; readonly token: string };
}

export interface OpenPage {
  readonly page: Page;
  close(): Promise<void>;
}

/** Opens the workbench in a fresh browser profile. */
export async function openPage(options: PageOptions): Promise<OpenPage> {
  const opened = await blankPage(options.extensionHost === 'web');
  await options.prepare?.(opened.page);
  const payload: (readonly [string, string])[] = [];
  if (options.develop !== false) {
    await develop(opened.page, payload, options);
  }
  const server = options.server ?? inject('host').server;
  await opened.page.goto(workbenchAddress(server, options.workspace, payload));
  return opened;
}

/** Opens an address as it stands. */
export async function openAddress(address: string): Promise<OpenPage> {
  const opened = await blankPage(false);
  await opened.page.goto(address);
  return opened;
}

/** The web worker's extension files come from a second port, which the workbench's policy forbids. */
async function blankPage(bypassCSP: boolean): Promise<OpenPage> {
  const browser: Browser = await chromium.connect(inject('host').browser);
  const context = await browser.newContext({ viewport: { width: 1500, height: 1100 }, bypassCSP });
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  return {
    page,
    async close() {
      await context.close();
      await browser.close();
    },
  };
}

async function develop(
  page: Page,
  payload: (readonly [string, string])[],
  options: PageOptions,
): Promise<void> {
  const { extensionFiles, extensionFolder } = inject('host');
  if (options.extensionHost === 'node') {
    payload.push(...developInNode(extensionFolder, options.tests));
    return;
  }
  const at = (path: string) => ({ scheme: 'http', authority: extensionFiles, path });
  await page.addInitScript(addDevelopmentOptions, {
    extensions: [at('/')],
    ...(options.tests ? { extensionTestsPath: at(`/${options.tests}`) } : {}),
  });
}

function developInNode(folder: string, tests: string | undefined): Payload {
  return [
    ['extensionDevelopmentPath', remoteUri(folder)],
    ...(tests ? [['extensionTestsPath', remoteUri(`${folder}/${tests}`)] as const] : []),
  ];
}

/** Runs in the page: the workbench reads its options from an attribute, to which this adds. */
function addDevelopmentOptions(added: object): void {
  const original = Element.prototype.getAttribute;
  Element.prototype.getAttribute = function (this: Element, name: string): string | null {
    const value = original.call(this, name);
    if (value === null || name !== 'data-settings') {
      return value;
    }
    if (this.id !== 'vscode-workbench-web-configuration') {
      return value;
    }
    const configuration = JSON.parse(value) as { developmentOptions: object };
    Object.assign(configuration.developmentOptions, added);
    return JSON.stringify(configuration);
  };
}
