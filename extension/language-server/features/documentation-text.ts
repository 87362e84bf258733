/** Documentation comments as Markdown. */
import { documentationAddress, type ProductPages } from '../documentation.ts';

/** Turns the tags of a comment (`@param`, `@returns`, `@irql`, `@since`, `@page`) into text with links. */
export function documentationText(
  documentation: string | undefined,
  product: ProductPages,
): string {
  if (documentation === undefined) return '';
  const text: string[] = [];
  const parameters: string[] = [];
  const facts: string[] = [];
  const links: string[] = [];
  // A tag reaches to the next one, however many lines it takes.
  const [before = '', ...tags] = documentation.split(/^[ \t]*@(?=[a-z]+\b)/m);
  if (before.trim() !== '') text.push(before.trim());
  for (const tag of tags) {
    const [, name = '', written = ''] = /^(\w+)\s*([\s\S]*)$/.exec(tag) ?? [];
    const value = written.trim().replace(/\s*\n\s*/g, ' ');
    switch (name) {
      case 'param': {
        const [, parameter = '', meaning = ''] = /^(\S+)\s*(.*)$/.exec(value) ?? [];
        parameters.push(`- \`${parameter}\` ${meaning}`);
        break;
      }
      case 'returns':
        facts.push(`**Returns** ${value}`);
        break;
      case 'irql':
        facts.push(`**IRQL** ${value}`);
        break;
      case 'since':
        facts.push(`**From** ${value} **on**`);
        break;
      case 'page': {
        const address = documentationAddress(value, product);
        if (address !== undefined) links.push(`[${value}](${address})`);
        break;
      }
      default:
        text.push(`@${tag.trim()}`);
    }
  }
  return [...text, parameters.join('\n'), ...facts, ...links]
    .filter((part) => part !== '')
    .join('\n\n');
}
