import type { Json, JsonObject } from '../../../engine/json.ts';
import { isJsonObject } from '../../../engine/json.ts';
import type { Guess } from '../draft.ts';
import { secretName, secretReference } from '../secret-name.ts';
import { fieldsAt, listAt, partAt, textAt } from './parts.ts';

type AuthGuess = Guess<JsonObject>;

/** How requests prove who sends them, by the first of the description's schemes that can be used. */
export function guessAuth(description: JsonObject, connector: string): AuthGuess {
  const schemes = { ...fieldsAt(description, 'securityDefinitions'), ...fieldsAt(description, 'components', 'securitySchemes') };
  const names = Object.keys(schemes);
  if (names.length === 0) return { value: { type: 'none' }, why: 'the description names no way to sign in' };
  const wanted = [...requiredOf(description), ...names].filter((name) => schemes[name] !== undefined);
  const guesses = wanted.flatMap((name) => authOf(name, schemes[name], connector) ?? []);
  const [best] = guesses.toSorted((one, other) => Number(one.isLast) - Number(other.isLast));
  if (best === undefined) return { value: { type: 'none' }, why: `of ${names.join(', ')} none is known here` };
  const others = [...new Set(wanted)].filter((name) => name !== best.scheme);
  return { value: best.value, why: `${best.why}${others.length === 0 ? '' : `; there is also ${others.slice(0, 5).join(', ')}`}` };
}

/** What the description as a whole, or the operation that lists first, asks for. */
function requiredOf(description: JsonObject): readonly string[] {
  const operations = Object.values(fieldsAt(description, 'paths')).flatMap((item) => partAt(item, 'get') ?? []);
  const lists = [listAt(description, 'security'), ...operations.map((operation) => listAt(operation, 'security'))];
  return (lists.find((list) => list.some((one) => isJsonObject(one) && Object.keys(one).length > 0)) ?? []).flatMap((one) => Object.keys(fieldsAt(one)));
}

interface SchemeGuess extends AuthGuess {
  readonly scheme: string;
  /** A person must get its token somewhere: taken where there is nothing else. */
  readonly isLast: boolean;
}

function authOf(scheme: string, described: Json | undefined, connector: string): SchemeGuess | undefined {
  const secret = (what: string) => secretReference(secretName(connector, what));
  const guess = (value: JsonObject, why: string, isLast = false): SchemeGuess => ({ scheme, value, why: `${scheme}: ${why}`, isLast });
  const bearer = (why: string, isLast = false) => guess({ type: 'bearer', token: secret('TOKEN') }, why, isLast);
  switch (textAt(described, 'type')?.toLowerCase()) {
    case 'http':
      if (textAt(described, 'scheme')?.toLowerCase() === 'basic') return guess(basicOf(secret), 'HTTP basic');
      return textAt(described, 'scheme')?.toLowerCase() === 'bearer' ? bearer('HTTP bearer') : undefined;
    case 'basic':
      return guess(basicOf(secret), 'HTTP basic');
    case 'apikey':
      return apiKeyOf(described, guess, secret('KEY'));
    case 'oauth2':
      return oauthOf(described, guess, bearer, secret);
    case 'openidconnect':
      return bearer('OpenID Connect, by a token that you have', true);
    default:
      return undefined;
  }
}

function basicOf(secret: (what: string) => string): JsonObject {
  return { type: 'basic', username: secret('USER'), password: secret('PASSWORD') };
}

function apiKeyOf(described: Json | undefined, guess: (value: JsonObject, why: string) => SchemeGuess, key: string): SchemeGuess | undefined {
  const [name, place] = [textAt(described, 'name'), textAt(described, 'in')];
  if (name === undefined || (place !== 'header' && place !== 'query')) return undefined;
  const words = textAt(described, 'description') ?? '';
  const prefix = name.toLowerCase() === 'authorization' ? /\b(Bearer|Token|Basic|ApiKey)\b/i.exec(words)?.[1] : undefined;
  const value = { type: 'api-key', in: place, name, key, ...(prefix === undefined ? {} : { prefix: `${prefix} ` }) };
  return guess(value, `a key in the ${place === 'header' ? 'header' : 'query'} ${name}`);
}

function oauthOf(
  described: Json | undefined,
  guess: (value: JsonObject, why: string, isLast?: boolean) => SchemeGuess,
  bearer: (why: string, isLast?: boolean) => SchemeGuess,
  secret: (what: string) => string,
): SchemeGuess {
  // Swagger 2.0 has one flow, beside the scheme's other keys.
  const flow = (name: string, old: string) => partAt(described, 'flows', name) ?? (textAt(described, 'flow') === old ? described : undefined);
  const client = { clientId: secret('CLIENT_ID'), clientSecret: secret('CLIENT_SECRET') };
  const scopesOf = (found: Json | undefined) => {
    const scopes = Object.keys(fieldsAt(found, 'scopes'));
    const reading = scopes.filter((scope) => /read/i.test(scope));
    return scopes.length === 0 ? {} : { scopes: reading.length === 0 ? scopes : reading };
  };
  const machine = flow('clientCredentials', 'application');
  const tokenUrl = textAt(machine, 'tokenUrl');
  if (tokenUrl !== undefined) return guess({ type: 'oauth2-client-credentials', tokenUrl, ...client, ...scopesOf(machine) }, 'OAuth 2.0, client credentials');
  const person = flow('authorizationCode', 'accessCode');
  const [authorizeUrl, codeUrl] = [textAt(person, 'authorizationUrl'), textAt(person, 'tokenUrl')];
  if (authorizeUrl !== undefined && codeUrl !== undefined) {
    return guess(
      { type: 'oauth2-authorization-code', authorizeUrl, tokenUrl: codeUrl, ...client, ...scopesOf(person) },
      'OAuth 2.0, you log in by "syncline login"',
      true,
    );
  }
  return bearer('OAuth 2.0 by a flow that is not known here: by a token that you have', true);
}
