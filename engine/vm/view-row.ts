/** The rows that kernel and Winsock answer for the views of the side bar. */
import type { Site } from './reports.ts';

/** A row of a view. Ids are stable paths: the same object has the same id after every step. */
export interface ViewRow {
  readonly id: string;
  readonly label: string;
  readonly description: string;
  /** Markdown. */
  readonly tooltip: string;
  /** Codicon. */
  readonly icon: string;
  readonly hasChildren: boolean;
  /** The call that made the object, and when. */
  readonly site: Site | undefined;
  /** `phys:..` or `va:..`: copy the address, open its bytes. */
  readonly memoryReference: string | undefined;
  readonly bytes: number | undefined;
  /** For `contextValue`: `range`, `allocation`, `freeRun`, `mdl`, `adapter`, `commonBuffer`, ... */
  readonly kind: string;
}

/** Children of `parent` (the roots when absent), from number `start` on, `count` of them. */
export interface RowRequest {
  readonly parent?: string;
  readonly start?: number;
  readonly count?: number;
}
