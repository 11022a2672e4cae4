import { Document, isCollection, isNode } from 'yaml';
import type { Json } from '../engine/json.ts';

/** One value of a definition that is being written, with what its reader should know of it. */
export interface YamlEntry {
  readonly path: readonly string[];
  readonly value: Json;
  /** Stands behind the value, as a comment. */
  readonly comment?: string;
}

/**
 * Writes a definition as people write one: each entry on a line of its own, its comment behind it, in the order given.
 * @param head lines of comment before all else, without `#`
 */
export function writeYaml(head: readonly string[], entries: readonly YamlEntry[]): string {
  const document = new Document({});
  for (const { path, value, comment } of entries) {
    const node = document.createNode(value, { flow: true });
    if (comment !== undefined && isNode(node)) node.comment = ` ${oneLine(comment)}`;
    document.setIn(path, node);
  }
  if (isCollection(document.contents)) document.contents.flow = false;
  const title = head.map((line) => `# ${oneLine(line)}\n`).join('');
  return `${title}${document.toString({ lineWidth: 0 }).replaceAll(/\[ (.*?) \]/g, '[$1]')}`;
}

/** Comments hold words of others: none may end its line. */
export function oneLine(text: string): string {
  return text.replaceAll(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ').trim();
}
