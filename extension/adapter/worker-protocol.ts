/** Messages between an extension host, which relays, and the worker with adapter and engine. */
import type { DebugProtocol as Dap } from '@vscode/debugprotocol';

export type ToWorker =
  | { readonly kind: 'dap'; readonly message: Dap.ProtocolMessage }
  /** Before anything else. With the number of a moment behind it, `momentLink` is a link that goes there. */
  | { readonly kind: 'client'; readonly momentLink: string }
  /** Answers `readFile`; without a text there is no such file, or it must not be read. */
  | { readonly kind: 'file'; readonly request: number; readonly text: string | undefined };

export type FromWorker =
  | { readonly kind: 'dap'; readonly message: Dap.ProtocolMessage }
  | { readonly kind: 'readFile'; readonly request: number; readonly path: string };
