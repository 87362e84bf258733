// The browser that shows the server's workbench to the tests.
import { type BrowserServer, chromium } from 'playwright-core';

const flags = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-gpu',
  '--disable-sync',
  '--no-first-run',
  // Chromium's sandbox needs rights that containers seldom give.
  '--no-sandbox',
];

/** Starts a browser that test files connect to by its address. */
export function startBrowser(executablePath: string): Promise<BrowserServer> {
  return chromium.launchServer({ executablePath, args: flags, host: '127.0.0.1' });
}
