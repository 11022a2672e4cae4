import type { Page } from './check-expression.ts';
import type { Mistake } from './mistake.ts';
import { SECRET_PLACES, secretNames, settingNames } from './secrets.ts';
import type { Path } from './yaml-file.ts';

const SECRET_FIELDS = new Set(['token', 'key', 'password', 'passphrase', 'clientSecret', 'refreshToken']);
/** Names of `credentials` that hold one. */
const SECRET_CREDENTIAL = /pass|secret|token|key|pin$/i;
/** Headers that prove who sends. */
const SECRET_HEADER = /^(?:proxy-)?authorization$|^cookie$|(?:api|access|auth)[-_]?key$|token$|secret$|password$/i;
/** The same of what goes with a question for a token. */
const SECRET_ASKED = /(?:authorization|token|secret|password|key)$/i;
/** Requests that are written as templates: a secret in them could be taken for an expression. */
const TEMPLATES = new Set(['login', 'logout', 'headers', 'query']);

/** How credentials are written at a path, in whatever profile: by reference to a secret, never as they are. */
export function checkAuthText({ file }: Page, path: Path): Mistake[] {
  return textsOf(file.valueAt(path)).flatMap(({ at, text }) => {
    const place = [...path, ...at];
    if (settingNames(text).length > 0) return [file.mistake(place, 'settings (${env:…}) are not allowed in auth: write ${secret:NAME}')];
    if (TEMPLATES.has(String(at[0]))) {
      if (secretNames(text).length === 0) return [];
      return [file.mistake(place, 'secrets are put into "credentials", by a name: insert that here, as {password}')];
    }
    if (!isSecret(at) || text === '' || text.includes('${')) return [];
    return [file.mistake(place, 'a secret must not stand in a file: write ${secret:NAME}, and put its value into .env')];
  });
}

/** The same for headers that carry credentials. */
export function checkHeadersText({ file }: Page, path: Path): Mistake[] {
  return textsOf(file.valueAt(path)).flatMap(({ at, text }) => {
    if (!SECRET_HEADER.test(String(at[0])) || text === '' || text.includes('${')) return [];
    return [file.mistake([...path, ...at], 'a secret must not stand in a file: use auth, or write ${secret:NAME}')];
  });
}

/** The same for the key of a certificate, which may be in a file of its own. */
export function checkTlsText({ file }: Page, path: Path): Mistake[] {
  return textsOf(file.valueAt(path)).flatMap(({ at, text }) => {
    const isOpen = at[0] === 'key' ? text.includes('-----BEGIN') : at[0] === 'passphrase' && !text.includes('${');
    return isOpen ? [file.mistake([...path, ...at], 'a secret must not stand in a file: write ${secret:NAME}')] : [];
  });
}

/**
 * Secrets that are referred to below a path (auth, headers, tls) of what is in use, and are not set.
 * @param isServed whether this process is one that needs them
 * @param fields only these
 */
export function checkSecretsSet({ file, environment }: Page, path: Path, isServed: boolean, fields?: readonly string[]): Mistake[] {
  const texts = textsOf(file.valueAt(path)).filter(({ at: [field] }) => fields?.includes(String(field)) ?? true);
  return texts.flatMap(({ at, text }) =>
    secretNames(text)
      .filter((name) => environment.secret(name) === undefined)
      .map((name) =>
        isServed
          ? file.mistake([...path, ...at], `the secret ${name} is not set: put it into ${SECRET_PLACES}`, { kind: 'secret' })
          : file.mistake([...path, ...at], `the secret ${name} is not set here; a worker of this connection's task queue needs it`, {
              kind: 'secret',
              severity: 'warning',
            }),
      ),
  );
}

function isSecret(written: Path): boolean {
  // Of several credentials, each is written as one alone is.
  const at = written[0] === 'of' ? written.slice(2) : written;
  const [first, second, third] = at;
  if (first === 'tokenRequest') return (second === 'fields' || second === 'headers') && SECRET_ASKED.test(String(third));
  if (first === 'credentials') return SECRET_CREDENTIAL.test(String(second));
  return at.length === 1 ? SECRET_FIELDS.has(String(first)) : first === 'clientAssertion' && SECRET_FIELDS.has(String(second));
}

/** Texts at any depth, with where they are. */
function textsOf(value: unknown, at: Path = []): readonly { readonly at: Path; readonly text: string }[] {
  if (typeof value === 'string') return at.length === 0 ? [] : [{ at, text: value }];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => textsOf(item, [...at, key]));
}
