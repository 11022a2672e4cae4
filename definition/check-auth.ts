import type { Page } from './check-expression.ts';
import type { Mistake } from './mistake.ts';
import { SECRET_PLACES, secretNames, settingNames } from './secrets.ts';
import type { Path } from './yaml-file.ts';

const SECRET_FIELDS = new Set(['token', 'key', 'password', 'clientSecret', 'refreshToken']);
/** Headers that prove who sends. */
const SECRET_HEADER = /^(?:proxy-)?authorization$|^cookie$|(?:api|access|auth)[-_]?key$|token$|secret$|password$/i;

/** How credentials are written at a path, in whatever profile: by reference to a secret, never as they are. */
export function checkAuthText({ file }: Page, path: Path): Mistake[] {
  return textsOf(file.valueAt(path)).flatMap(([field, text]) => {
    const at = [...path, field];
    if (settingNames(text).length > 0) return [file.mistake(at, 'settings (${env:…}) are not allowed in auth: write ${secret:NAME}')];
    if (!SECRET_FIELDS.has(field) || text === '' || text.includes('${')) return [];
    return [file.mistake(at, 'a secret must not stand in a file: write ${secret:NAME}, and put its value into .env')];
  });
}

/** The same for headers that carry credentials. */
export function checkHeadersText({ file }: Page, path: Path): Mistake[] {
  return textsOf(file.valueAt(path)).flatMap(([header, text]) => {
    if (!SECRET_HEADER.test(header) || text === '' || text.includes('${')) return [];
    return [file.mistake([...path, header], 'a secret must not stand in a file: use auth, or write ${secret:NAME}')];
  });
}

/** Secrets that are referred to below a path (auth, headers) of what is in use, and are not set. @param isServed whether this process is one that needs them */
export function checkSecretsSet({ file, environment }: Page, path: Path, isServed: boolean): Mistake[] {
  return textsOf(file.valueAt(path)).flatMap(([field, text]) =>
    secretNames(text)
      .filter((name) => environment.secret(name) === undefined)
      .map((name) =>
        isServed
          ? file.mistake([...path, field], `the secret ${name} is not set: put it into ${SECRET_PLACES}`, { kind: 'secret' })
          : file.mistake([...path, field], `the secret ${name} is not set here; a worker of this connection's task queue needs it`, {
              kind: 'secret',
              severity: 'warning',
            }),
      ),
  );
}

function textsOf(value: unknown): readonly (readonly [key: string, text: string])[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, text]) => (typeof text === 'string' ? [[key, text] as const] : []));
}
