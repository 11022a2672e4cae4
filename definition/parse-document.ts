import { LineCounter } from 'yaml';
import { parseYaml } from './parse-yaml.ts';

/** Documents of APIs are larger than definitions: those of the largest vendors have some 10 MB. */
const MAX_CHARACTERS = 20_000_000;

/** A document that is no definition, JSON or YAML, as plain values. @returns what is wrong with it, where it cannot be read */
export function parseDocument(text: string): { readonly value: unknown } | { readonly problem: string } {
  if (/^\s*\{/.test(text)) {
    try {
      const value: unknown = JSON.parse(text);
      return { value };
    } catch {
      // What begins with a brace may still be YAML.
    }
  }
  const { value, problems } = parseYaml(text, new LineCounter(), MAX_CHARACTERS);
  return problems[0] === undefined ? { value } : { problem: problems[0].message };
}
