import { isJsonObject, type Json } from '../engine/json.ts';

const LONGEST_MESSAGE = 300;
const LONGEST_CODE = 100;

type Place = readonly (string | number)[];

const MESSAGE_PLACES: readonly Place[] = [
  ['message'],
  ['error', 'message'],
  ['error_description'],
  ['errors', 0, 'message'],
  ['errors', 0, 'detail'],
  ['errors', 0, 'title'],
  ['error', 'detail'],
  ['error', 'description'],
  ['detail'],
  ['description'],
  ['errorMessage'],
  ['title'],
  ['reason'],
  ['msg'],
  ['error'],
  ['errors', 0],
  ['errors'],
  [0, 'message'],
  ['fault', 'faultstring'],
];

const CODE_PLACES: readonly Place[] = [
  ['code'],
  ['error', 'code'],
  ['errors', 0, 'code'],
  ['errorCode'],
  ['error_code'],
  [0, 'errorCode'],
  ['category'],
  ['error', 'type'],
  ['error', 'status'],
  ['error'],
  ['type'],
];

/** The API's own words, from where APIs keep them; undefined where it says nothing. */
export function messageOf(body: Json): string | undefined {
  if (typeof body === 'string') return isPage(body) ? undefined : shown(body, LONGEST_MESSAGE);
  for (const place of MESSAGE_PLACES) {
    const found = at(body, place);
    if (typeof found === 'string' && found.trim() !== '') return shown(found, LONGEST_MESSAGE);
  }
  return messageOfFields(at(body, ['errors']));
}

/** The API's own code or category of a refusal. */
export function apiCodeOf(body: Json): string | undefined {
  for (const place of CODE_PLACES) {
    const found = at(body, place);
    if (typeof found === 'number') return String(found);
    // A sentence is no code.
    if (typeof found === 'string' && /^\S+$/.test(found) && found.length <= LONGEST_CODE) return found;
  }
  return undefined;
}

/** `{ "errors": { "email": ["is taken"] } }`, as many frameworks write it. */
function messageOfFields(errors: Json | undefined): string | undefined {
  if (!isJsonObject(errors)) return undefined;
  const [first] = Object.entries(errors);
  const words = first === undefined ? undefined : Array.isArray(first[1]) ? first[1][0] : first[1];
  return first !== undefined && typeof words === 'string' ? shown(`${first[0]} ${words}`, LONGEST_MESSAGE) : undefined;
}

function at(body: Json, place: Place): Json | undefined {
  return place.reduce<Json | undefined>((value, step) => {
    if (Array.isArray(value)) return typeof step === 'number' ? value[step] : undefined;
    return isJsonObject(value) && typeof step === 'string' && Object.hasOwn(value, step) ? value[step] : undefined;
  }, body);
}

function isPage(text: string): boolean {
  return text.trimStart().startsWith('<');
}

/** On one line, without a full stop of its own: it becomes part of a sentence. */
function shown(text: string, longest: number): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > longest ? `${line.slice(0, longest - 1)}…` : line.replace(/(?<!\.)\.$/, '');
}
