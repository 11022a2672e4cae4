import { isMap, isNode, isPair, isScalar, LineCounter, parseDocument, type Document } from 'yaml';
import type { Mistake } from './mistake.ts';

export type Path = readonly PropertyKey[];

/** A parsed YAML file that knows where each of its values stands. */
export class YamlFile {
  readonly file: string;
  readonly value: unknown;
  readonly mistakes: Mistake[] = [];
  readonly #document: Document;
  readonly #lines = new LineCounter();

  /** @param file relative to the project folder */
  constructor(file: string, text: string) {
    this.file = file;
    this.#document = parseDocument(text, { lineCounter: this.#lines, uniqueKeys: true, merge: true, prettyErrors: false });
    for (const error of this.#document.errors) {
      const { line, col } = this.#lines.linePos(error.pos[0]);
      this.mistakes.push({ file, line, column: col, path: '', message: error.message, severity: 'error', kind: 'definition' });
    }
    this.value = this.mistakes.length > 0 ? undefined : this.#toPlain();
  }

  /** The mistake at a path: at the key for what is unknown, at the value for what is wrong, at the nearest parent for what is missing. */
  mistake(path: Path, message: string, at: 'key' | 'value' = 'value', more: Partial<Pick<Mistake, 'severity' | 'kind'>> = {}): Mistake {
    const { line, column } = this.#locate(path, at);
    return { file: this.file, line, column, path: path.map(String).join('.'), message, severity: 'error', kind: 'definition', ...more };
  }

  #locate(path: Path, at: 'key' | 'value'): { line: number; column: number } {
    for (let length = path.length; length > 0; length--) {
      const offset = this.#offsetOf(path.slice(0, length), length === path.length ? at : 'key');
      if (offset !== undefined) return this.#position(offset);
    }
    return this.#position(this.#document.contents?.range?.[0] ?? 0);
  }

  #offsetOf(path: Path, at: 'key' | 'value'): number | undefined {
    const parent = this.#document.getIn(path.slice(0, -1), true);
    const last = path.at(-1);
    const container = path.length === 1 ? this.#document.contents : parent;
    if (isMap(container)) {
      const pair = container.items.find((item) => isPair(item) && isScalar(item.key) && String(item.key.value) === String(last));
      const node = at === 'key' ? pair?.key : (pair?.value ?? pair?.key);
      return isNode(node) ? node.range?.[0] : undefined;
    }
    const node = this.#document.getIn(path, true);
    return isNode(node) ? node.range?.[0] : undefined;
  }

  #position(offset: number): { line: number; column: number } {
    const { line, col } = this.#lines.linePos(offset);
    return { line, column: col };
  }

  #toPlain(): unknown {
    try {
      return this.#document.toJS({ maxAliasCount: 100 });
    } catch (error) {
      this.mistakes.push({ file: this.file, line: 1, column: 1, path: '', message: error instanceof Error ? error.message : 'cannot be read', severity: 'error', kind: 'definition' });
      return undefined;
    }
  }
}
