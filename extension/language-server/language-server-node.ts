/** The language server as a process of its own, started by VS Code's Node host. */
import { serveLanguage } from './serve-node.ts';

serveLanguage();
