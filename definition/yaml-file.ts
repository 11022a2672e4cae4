import { type Document, isScalar, LineCounter } from 'yaml';
import { suggest } from '../engine/suggest.ts';
import type { Mistake } from './mistake.ts';
import { parseYaml } from './parse-yaml.ts';
import { findPlaces } from './yaml-places.ts';

/** A way into a definition: keys, and indexes of lists. */
export type Path = readonly PropertyKey[];

export interface MistakeOptions {
  /** Where to point: at the key for what should not be there, at the value (the default) for what is wrong. */
  readonly at?: 'key' | 'value';
  readonly severity?: Mistake['severity'];
  readonly kind?: Mistake['kind'];
  /** A name, and the known ones of which it may be a mistyped one. */
  readonly meant?: { readonly name: string; readonly known: Iterable<string> /** Ends the message where none is close. */; readonly orElse?: string };
  /** Characters into the text that stands at the path; used where they can be counted in the file. */
  readonly position?: number | undefined;
}

/** A parsed YAML file that knows where each of its values stands. Never throws for what is in the file: `mistakes` has it. */
export class YamlFile {
  readonly file: string;
  /** Plain values; undefined where the file cannot be parsed. */
  readonly value: unknown;
  readonly mistakes: readonly Mistake[];
  readonly #text: string;
  readonly #document: Document;
  readonly #lines = new LineCounter();

  /** @param file relative to the project folder */
  constructor(file: string, text: string) {
    this.file = file;
    this.#text = text;
    const { document, value, problems } = parseYaml(text, this.#lines);
    this.#document = document;
    this.value = value;
    this.mistakes = problems.map(({ offset, message }) => ({ file, ...this.#position(offset), path: '', message, severity: 'error', kind: 'definition' }));
  }

  /** The mistake at a path; at the nearest parent that is there, for what is missing. */
  mistake(path: Path, message: string, options: MistakeOptions = {}): Mistake {
    const suggestion = options.meant === undefined ? undefined : suggest(options.meant.name, options.meant.known);
    return {
      file: this.file,
      ...this.#position(this.#offsetOf(path, options)),
      path: path.map(String).join('.'),
      message: suggestion === undefined ? `${message}${options.meant?.orElse ?? ''}` : `${message}, did you mean "${suggestion}"?`,
      ...(suggestion === undefined ? {} : { suggestion }),
      severity: options.severity ?? 'error',
      kind: options.kind ?? 'definition',
    };
  }

  /** What is written at a path, right or wrong; undefined where there is nothing. */
  valueAt(path: Path): unknown {
    return path.reduce<unknown>(
      (inner, step) => (typeof inner === 'object' && inner !== null && Object.hasOwn(inner, step) ? Reflect.get(inner, step) : undefined),
      this.value,
    );
  }

  #offsetOf(path: Path, { at = 'value', position }: MistakeOptions): number {
    const places = findPlaces(this.#document, path);
    const last = places.at(-1);
    if (last === undefined) return this.#document.contents?.range?.[0] ?? 0;
    const isWhole = places.length === path.length;
    const { key, value } = last;
    const isEmpty = isScalar(value) && value.value === null && value.source === '';
    if (!isWhole || at === 'key' || value === undefined || isEmpty) return key?.range?.[0] ?? value?.range?.[0] ?? 0;
    return (value.range?.[0] ?? 0) + this.#inside(value, position);
  }

  /** How far behind the beginning of a scalar a character of its text stands; 0 where the file writes it in another way than it reads. */
  #inside(node: unknown, position: number | undefined): number {
    if (position === undefined || !isScalar(node) || typeof node.value !== 'string') return 0;
    const [from = 0, to = 0] = node.range ?? [];
    const raw = this.#text.slice(from, to);
    if (raw === node.value) return position;
    if (node.type === 'BLOCK_LITERAL') return insideBlock(raw, node.value, Math.min(position, node.value.trimEnd().length));
    return raw.slice(1, -1) === node.value ? position + 1 : 0;
  }

  #position(offset: number): { line: number; column: number } {
    const { line, col } = this.#lines.linePos(offset);
    return line === 0 ? { line: 1, column: 1 } : { line, column: col };
  }
}

/** A text over several lines (`|`) begins below its header, and each of its lines is indented. 0 where that is not how it is written. */
function insideBlock(raw: string, text: string, position: number): number {
  const before = text.slice(0, position).split('\n');
  const line = before.length - 1;
  const written = raw.split('\n').slice(1);
  const indentation = (written[line] ?? '').length - (text.split('\n')[line] ?? '').length;
  if (indentation < 0 || written[line]?.slice(indentation) !== text.split('\n')[line]) return 0;
  const header = raw.indexOf('\n') + 1;
  return header + written.slice(0, line).reduce((sum, each) => sum + each.length + 1, 0) + indentation + (before[line] ?? '').length;
}
