import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';

const FILE = new URL('../../docker-compose.yml', import.meta.url);

const serviceSchema = z.looseObject({
  image: z.string().optional(),
  build: z.unknown().optional(),
  environment: z.record(z.string(), z.string()).default({}),
  entrypoint: z.array(z.string()).optional(),
  command: z.array(z.string()).optional(),
  ports: z.array(z.string()).default([]),
  depends_on: z.record(z.string(), z.looseObject({ condition: z.string() })).default({}),
  scale: z.number().optional(),
  restart: z.string().optional(),
  profiles: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
});
const fileSchema = z.looseObject({
  services: z.record(z.string(), serviceSchema),
  volumes: z.record(z.string(), z.unknown()).default({}),
  configs: z.record(z.string(), z.looseObject({ content: z.string().optional(), file: z.string().optional() })).default({}),
});

export type ComposeFile = z.output<typeof fileSchema>;

export const composeText = readFileSync(FILE, 'utf8');

/** docker-compose.yml with its variables filled in, as Compose does. @throws Error with the file's own words where one is asked for and not there */
export function readCompose(variables: Readonly<Record<string, string>>): ComposeFile {
  const filled = fill(parse(composeText), variables);
  return fileSchema.parse(filled);
}

function fill(value: unknown, variables: Readonly<Record<string, string>>): unknown {
  if (typeof value === 'string') return fillText(value, variables);
  if (Array.isArray(value)) return value.map((each) => fill(each, variables));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, fill(each, variables)]));
}

/** `${NAME:?words}`, `${NAME:-default}`, and `$$` for a dollar: nothing else is used. */
function fillText(text: string, variables: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\$\$|\$\{(\w+):([?-])([^}]*)\}|\$/g, (found, name: string | undefined, kind: string | undefined, words: string | undefined) => {
    if (found === '$$') return '$';
    if (name === undefined) throw new Error(`docker-compose.yml has a "$" that is neither doubled nor a variable: ${text}`);
    const value = variables[name] ?? '';
    if (value === '' && kind === '?') throw new Error(`${name}: ${words}`);
    return value === '' ? (words ?? '') : value;
  });
}
