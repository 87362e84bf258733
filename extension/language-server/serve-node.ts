/** The language server on Node, for VS Code's client and for `dms language-server`. */
import { createConnection, ProposedFeatures } from 'vscode-languageserver/node';
import { fileAddresses } from './conversions.ts';
import { DiskFiles } from './files-node.ts';
import { startServer } from './server.ts';

/** Serves on the channel that the command line names: standard streams, or the parent's IPC. */
export function serveLanguage(): void {
  const files = new DiskFiles();
  startServer(createConnection(ProposedFeatures.all), {
    files,
    addresses: fileAddresses,
    opened: (folders) => files.setRoots(folders),
    later(task, milliseconds) {
      const timer = setTimeout(task, milliseconds);
      return () => clearTimeout(timer);
    },
  });
}
