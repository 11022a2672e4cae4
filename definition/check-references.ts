import type { Environment } from './environment.ts';
import type { Mistake } from './mistake.ts';
import { missingSettings } from './secrets.ts';
import type { Path, YamlFile } from './yaml-file.ts';

/** `${…}` that is meant as a reference: templates may have a dollar before their brace, so only what looks like one is taken for one. */
const REFERENCE = /\$\{\s*(?:(?:[Ss]ecrets?|SECRETS?|[Ee]nv|ENV)\s*:[^}\n]*|[A-Z][A-Z0-9_]*)(?:\}|$)/g;
const SECRET = /^\$\{secret:[A-Za-z_][A-Za-z0-9_]*\}$/;
const SETTING = /^\$\{env:[A-Za-z_][A-Za-z0-9_]*(?::-[^}]*)?\}$/;

/**
 * References that name nothing, and secrets where none is put in.
 * @param options.mayHoldSecret whether a secret may stand at a path
 * @param options.isUsed whether the part at a path is used on this profile: a setting that is missing elsewhere does not matter
 */
export function checkReferences(
  file: YamlFile,
  environment: Environment,
  options: { readonly mayHoldSecret: (path: Path) => boolean; readonly isUsed: (path: Path) => boolean },
): Mistake[] {
  return textsOf(file.value, []).flatMap(({ path, text }) => {
    const mistakes = [...text.matchAll(REFERENCE)].flatMap((match) => {
      const position = match.index;
      const [reference] = match;
      if (SETTING.test(reference)) return [];
      if (!SECRET.test(reference)) {
        return [file.mistake(path, `${reference} is no reference: write \${secret:NAME}, \${env:NAME} or \${env:NAME:-default}`, { position })];
      }
      return options.mayHoldSecret(path)
        ? []
        : [
            file.mistake(path, 'secrets are put in only in auth, tls, headers, database, channels, ledger, webhooks.secrets and listen.tokens, not here', {
              position,
            }),
          ];
    });
    if (!options.isUsed(path)) return mistakes;
    const missing = missingSettings(text, environment);
    return [
      ...mistakes,
      ...missing.map((name) => file.mistake(path, `the setting ${name} is not set: put it into the environment or .env, or write \${env:${name}:-default}`)),
    ];
  });
}

function textsOf(value: unknown, path: Path): { readonly path: Path; readonly text: string }[] {
  if (typeof value === 'string') return [{ path, text: value }];
  if (Array.isArray(value)) return value.flatMap((item, index) => textsOf(item, [...path, index]));
  if (typeof value === 'object' && value !== null) return Object.entries(value).flatMap(([key, item]) => textsOf(item, [...path, key]));
  return [];
}
