/** Documentation comments: those that begin with two stars and stand right before a declaration. */
import type { SourceFile } from './source.ts';

/** Lines that may stand between a comment and what it documents: the conditions under which that exists. */
const conditional = /^\s*#\s*(if|ifdef|ifndef)\b/;
/** How far from a declaration its comment may end: annotations take a few lines. */
const REACH = 2000;

/**
 * The text of the documentation comment that ends just before the declaration whose first token is at
 * `offset`. Annotations, `#if` lines and white space may stand between, another declaration, a blank line
 * or any other directive may not.
 */
export function documentationBefore(file: SourceFile, offset: number): string | undefined {
  const { text } = file;
  const near = Math.max(offset - REACH, 0);
  const distance = text.slice(near, offset).lastIndexOf('*/');
  if (distance < 0) return undefined;
  const close = near + distance;
  const between = text.slice(close + 2, offset);
  if (between.includes(';') || between.includes('}') || between.includes('{')) return undefined;
  const lines = between.split('\n');
  // The first and the last part share their line with the comment and with the declaration.
  if (lines.length > 1) {
    const inner = lines.slice(1, -1);
    if (inner.some((line) => line.trim() === '')) return undefined;
    if (inner.some((line) => /^\s*#/.test(line) && !conditional.test(line))) return undefined;
  }
  const open = text.lastIndexOf('/*', close - 1);
  if (open < 0 || text.charAt(open + 2) !== '*' || open + 2 >= close) return undefined;
  if (text.charAt(open + 3) === '<') return undefined;
  return commentText(text.slice(open + 3, close));
}

/** The comment's words without the stars at the line beginnings. */
function commentText(comment: string): string | undefined {
  const words = comment
    .split(/\r?\n/)
    .map((line) => line.replace(/^\s*\* ?/, '').trimEnd())
    .join('\n')
    .trim();
  return words === '' ? undefined : words;
}
