/** The language server on Node, for VS Code's client and for `dms language-server`. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createConnection, ProposedFeatures } from 'vscode-languageserver/node';
import { uriOf } from './addresses.ts';
import { diskFiles } from './files-node.ts';
import { startServer } from './server.ts';

/** Serves on the channel that the command line names: standard streams, or the parent's IPC. */
export function serveLanguage(): void {
  startServer(createConnection(ProposedFeatures.all), {
    files: diskFiles,
    pages: packagedPage,
    later(task, milliseconds) {
      const timer = setTimeout(task, milliseconds);
      return () => clearTimeout(timer);
    },
  });
}

/** The page's file beside the folder of the bundle, for editors that show no built-in documents. */
function packagedPage(page: string): string | undefined {
  const file = join(__dirname, '..', page);
  return existsSync(file) ? uriOf(file.replaceAll('\\', '/')) : undefined;
}
