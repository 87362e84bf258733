/** One line, without the hard spaces that editors and lists show. */
export function tidy(text: string): string {
  return text.replaceAll(/[\s\u00a0]+/g, ' ').trim();
}
