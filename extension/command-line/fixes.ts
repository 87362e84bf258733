/** Making the changes that findings suggest. */
import type { Diagnostic, Fix } from '../../engine/index.ts';

/** The new text of each file that fixes change. Of fixes that overlap, only the first is made. */
export function fixedTexts(findings: readonly Diagnostic[]): ReadonlyMap<string, string> {
  const made = new Map<string, Fix['edits'][number][]>();
  for (const { fix } of findings) {
    const fits = fix?.edits.every(({ range }) =>
      (made.get(range.file.path) ?? []).every(
        (other) => range.end < other.range.start || range.start > other.range.end,
      ),
    );
    if (fix === undefined || fits !== true) continue;
    for (const edit of fix.edits) {
      const { file } = edit.range;
      if (file.origin === 'user') made.set(file.path, [...(made.get(file.path) ?? []), edit]);
    }
  }
  const texts = new Map<string, string>();
  for (const [path, edits] of made) {
    let text = edits[0]?.range.file.text ?? '';
    // From the end of the text on, so that earlier offsets stay true.
    for (const { range, text: replacement } of edits.toSorted(
      (one, other) => other.range.start - one.range.start,
    )) {
      text = text.slice(0, range.start) + replacement + text.slice(range.end);
    }
    texts.set(path, text);
  }
  return texts;
}
