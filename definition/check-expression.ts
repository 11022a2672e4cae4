import { compileExpression, type Expression } from '../engine/expression.ts';
import { ExpressionError } from '../engine/expression-error.ts';
import { isJsonObject, type Json } from '../engine/json.ts';
import { compileTemplate } from '../engine/template.ts';
import type { Environment } from './environment.ts';
import type { Mistake } from './mistake.ts';
import { missingSettings, withoutReferences } from './secrets.ts';
import type { Path, YamlFile } from './yaml-file.ts';

/** The file in which expressions stand, and the settings that may stand in them. */
export interface Page {
  readonly file: YamlFile;
  readonly environment: Environment;
}

/** The names that an expression or template may start from: `window`, or with their parts: `window.from`. Absent: any. */
export type KnownNames = readonly string[] | undefined;

/** What is wrong with a JSONata expression; nothing where it is absent. */
export function checkExpression(page: Page, path: Path, source: string | undefined, known?: KnownNames): Mistake[] {
  return source === undefined ? [] : attempt(page, path, source, known, (text) => [compileExpression(text)]);
}

/** What is wrong with the strings of a template, each at its own place. */
export function checkTemplate(page: Page, path: Path, template: Json | undefined, known?: KnownNames): Mistake[] {
  if (typeof template === 'string') return attempt(page, path, template, known, (text) => compileTemplate(text).expressions);
  if (Array.isArray(template)) return template.flatMap((item: Json, index) => checkTemplate(page, [...path, index], item, known));
  if (isJsonObject(template)) return Object.entries(template).flatMap(([key, item]) => checkTemplate(page, [...path, key], item, known));
  return [];
}

function attempt({ file, environment }: Page, path: Path, source: string, known: KnownNames, compile: (text: string) => readonly Expression[]): Mistake[] {
  if (missingSettings(source, environment).length > 0) return []; // told as a mistake of its own
  const text = withoutReferences(source, environment);
  try {
    const names = new Set(compile(text).flatMap((expression) => expression.paths));
    return [...names].flatMap((name) => unknownName(file, path, name, known));
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    return [file.mistake(path, wordsOf(error, text), { position: text === source ? error.position : undefined })];
  }
}

/** What is wrong with an expression; with what to write where it looks like the name of a field, as a column of a file may have it. */
export function wordsOf({ message }: ExpressionError, source: string): string {
  const isName = /^[\p{L}\p{N}_]+(?:[ -][\p{L}\p{N}_]+)+$/u.test(source);
  return isName ? `${message}; a name with spaces stands in backticks: "\`${source}\`"` : message;
}

function unknownName(file: YamlFile, path: Path, name: string, known: KnownNames): Mistake[] {
  if (known === undefined) return [];
  const [first = '', second] = name.split('.');
  const isKnown = known.some((one) => one === first || one === `${first}.${second}` || (second === undefined && one.startsWith(`${first}.`)));
  if (isKnown) return [];
  const parts = known.filter((one) => one.startsWith(`${first}.`));
  const [unknown, choices] = parts.length > 0 ? [name, parts] : [first, known];
  const orElse = choices.length === 0 ? ', only plain text' : `, only ${choices.join(', ')}`;
  const close = parts.length > 0 ? parts : known.map((one) => one.split('.')[0] ?? one);
  return [file.mistake(path, `there is no "${unknown}" here`, { meant: { name: unknown, known: close, orElse } })];
}
