import type { Json } from '../../engine/json.ts';
import { type AnswerShape, type ObjectShape, plainName } from './answer-shape.ts';
import type { AskedParameter } from './asked-parameter.ts';
import type { Guess } from './draft.ts';
import { changedField, guessKey, guessWindow } from './guess-fields.ts';
import { guessPage } from './guess-page.ts';
import { guessRecords } from './guess-records.ts';

/** A list as far as one answer of it tells. */
export interface ListGuess {
  readonly records: Guess<string>;
  readonly item: ObjectShape;
  readonly key: Guess<string>;
  readonly page: Guess<{ readonly [key: string]: Json }> | undefined;
  /** Parameters that say which page is asked for, or how large it is. */
  readonly pageParameters: readonly string[];
  readonly window: ReturnType<typeof guessWindow>;
}

/** Undefined where the answer holds no list of records. */
export function guessList(facts: {
  readonly answer: AnswerShape;
  readonly parameters: readonly AskedParameter[];
  readonly hasLink: boolean;
  readonly objectName: string;
}): ListGuess | undefined {
  const { answer, parameters, hasLink, objectName } = facts;
  const found = guessRecords(answer, objectName);
  if (found === undefined) return undefined;
  const key = guessKey(found.item, objectName);
  const known = { answer, primaryKey: key.value, hasLink };
  const page = guessPage({ ...known, parameters: [...parameters, ...unasked(answer, parameters)] });
  return { ...found, key, page, pageParameters: paramsOf(page?.value), window: guessWindow(parameters, changedField(found.item)) };
}

/** A cursor in the answer is given back by the parameter of its name, where the request has none: `next_cursor` by `cursor`. */
function unasked(answer: AnswerShape, parameters: readonly AskedParameter[]): readonly AskedParameter[] {
  const names = namesIn(answer).filter((name) => /^(?:next_?)?(?:cursor|page_?token|token|continuation_?token)$/i.test(plainName(name)));
  return names.map((name) => ({ name: withoutNext(name) })).filter(({ name }) => !parameters.some((known) => known.name === name));
}

/** `nextPageToken` is given back as `pageToken`; `next_token` keeps its name. */
function withoutNext(name: string): string {
  const rest = name.replace(/^next[_-]?/i, '');
  if (/^token$/i.test(rest)) return name;
  return `${rest.charAt(0).toLowerCase()}${rest.slice(1)}`;
}

function namesIn(answer: AnswerShape): readonly string[] {
  if (answer.kind !== 'object') return [];
  return Object.entries(answer.fields).flatMap(([name, inner]) => (inner.kind === 'object' ? namesIn(inner) : [name]));
}

function paramsOf(page: { readonly [key: string]: Json } | undefined): readonly string[] {
  const size = page?.['size'];
  const sizeParam = typeof size === 'object' && size !== null && 'param' in size ? size.param : undefined;
  return [page?.['param'], sizeParam].filter((name) => typeof name === 'string');
}
