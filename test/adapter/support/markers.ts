/** The 1-based line that carries a mark such as `#BP1`, so that tests outlive changes of their fixtures. */
export function findMarker(text: string, mark: string): number {
  const index = text.split('\n').findIndex((line) => new RegExp(`${mark}\\b`).test(line));
  if (index < 0) throw new Error(`No line carries ${mark}.`);
  return index + 1;
}
