import { spawn } from 'node:child_process';
import { findOnPath } from './find-on-path.mts';

/** Opens an address in the person's browser, where there is one. */
export function openInBrowser(address: string): void {
  const [program, ...parameters] = opener();
  if (!program) {
    return;
  }
  const child = spawn(program, [...parameters, address], { stdio: 'ignore', detached: true });
  child.once('error', () => console.log('No browser could be started; open the address yourself.'));
  child.unref();
}

function opener(): readonly string[] {
  const chosen = process.env['BROWSER'];
  if (chosen) {
    return [chosen];
  }
  if (process.platform === 'darwin') {
    return ['open'];
  }
  if (process.platform === 'win32') {
    return ['rundll32', 'url.dll,FileProtocolHandler'];
  }
  const hasScreen = process.env['DISPLAY'] ?? process.env['WAYLAND_DISPLAY'];
  const xdgOpen = hasScreen ? findOnPath('xdg-open') : undefined;
  return xdgOpen ? [xdgOpen] : [];
}
