import type { Json } from '../../engine/json.ts';
import { type AnswerShape, expressionOf, plainName, type ScalarField, scalarsOf } from './answer-shape.ts';
import type { AskedParameter } from './asked-parameter.ts';
import type { Guess } from './draft.ts';
import { guessPages, guessSize, guessTotal } from './guess-size.ts';

/** What is known of a list that is read page by page. */
export interface ListFacts {
  readonly parameters: readonly AskedParameter[];
  readonly answer: AnswerShape;
  /** The object's key: pages of some APIs go on after it. */
  readonly primaryKey: string;
  /** Answers have a `Link` header. */
  readonly hasLink: boolean;
}

type PageGuess = Guess<{ readonly [key: string]: Json }>;

const CURSOR_FIELD = /^(?:.*_)?(?:next_?cursor|next_?page_?token|next_?token|next_page_id|continuation_?token|continuation|scroll_id|end_?cursor|bookmark)$/;
/** Names that are cursors only where the list takes one: `cursor: { after }`, `paging.next`. */
const MAYBE_CURSOR = /^(?:.*_)?(?:cursor|next|after|next_page|cursors_after|next_id)$/;
const CURSOR_PARAM =
  /^(?:.*_)?(?:cursor|page_?token|next_?token|token|continuation_?token|continuation|start_cursor|starting_after|after|bookmark|scroll_id|starting_point)$/;
const NEXT_URL = /^(?:.*_)?(?:next|next_(?:page_)?(?:url|uri|link|href)|odata_next_link|next_link|next_href|next_page)$/;
const KEYSET_PARAM = /^(?:starting_after|after_id|since_id|last_id|start_after|min_id|since)$/;
const PAGE_PARAM = /^(?:page|page_?number|page_?no|page_?num|page_?index|p|current_page|pg)$/;
const OFFSET_PARAM = /^(?:offset|skip|start|start_?at|start_?index|start_index|from|page_offset|first_result)$/;
const MORE = /^(?:has_?more|has_?next|has_?next_?page|more|is_?more|more_items.*|has_more_items)$/;
const IS_LAST = /^(?:is_?)?last(?:_page)?$/;

/** How a list is walked. Undefined where nothing tells of pages. */
export function guessPage(facts: ListFacts): PageGuess | undefined {
  const guess = byCursor(facts) ?? byNextUrl(facts) ?? byLink(facts) ?? byKeyset(facts) ?? byPage(facts) ?? byOffset(facts);
  if (guess === undefined) return undefined;
  const size = guessSize(facts.parameters);
  if (size === undefined) return guess;
  return { value: { ...guess.value, size: size.value }, why: `${guess.why}; ${size.why}` };
}

function byCursor({ parameters, answer }: ListFacts): PageGuess | undefined {
  const param = parameters.find(({ name }) => CURSOR_PARAM.test(plainName(name)));
  if (param === undefined) return undefined;
  const texts = scalarsOf(answer).filter(({ type }) => type !== 'boolean' && type !== 'url');
  const field = texts.find((known) => CURSOR_FIELD.test(nameOf(known))) ?? texts.find((known) => MAYBE_CURSOR.test(nameOf(known)));
  if (field === undefined) return undefined;
  const cursor = expressionOf(field.path);
  return {
    value: { type: 'cursor', cursor, param: param.name, ...guessTotal(answer, { endsList: false }) },
    why: `the answer has ${cursor}, and the list takes "${param.name}"`,
  };
}

function byNextUrl({ answer, parameters }: ListFacts): PageGuess | undefined {
  const fields = scalarsOf(answer).filter((field) => NEXT_URL.test(nameOf(field)) || /(?:^|_)next_href$/.test(nameOf(field)));
  const takesPlace = parameters.some(({ name }) => PAGE_PARAM.test(plainName(name)));
  // A number or a text named "next" may be a page; next to page numbers only what is an address is one.
  const field = fields.find(({ type }) => type === 'url') ?? (takesPlace ? undefined : fields.find(({ type }) => type === 'string' || type === 'null'));
  if (field === undefined) return undefined;
  const url = expressionOf(field.path);
  return { value: { type: 'next-url', url, ...guessTotal(answer, { endsList: false }) }, why: `the answer has ${url}` };
}

function byLink({ hasLink, answer }: ListFacts): PageGuess | undefined {
  return hasLink ? { value: { type: 'next-url', ...guessTotal(answer, { endsList: false }) }, why: 'answers have a Link header' } : undefined;
}

function byKeyset({ parameters, answer, primaryKey }: ListFacts): PageGuess | undefined {
  const param = parameters.find(({ name, isNumber }) => KEYSET_PARAM.test(plainName(name)) && (name !== 'since' || isNumber === true));
  if (param === undefined) return undefined;
  return {
    value: { type: 'keyset', key: primaryKey, param: param.name, ...more(answer) },
    why: `the list takes "${param.name}", and the answer names no cursor`,
  };
}

function byPage({ parameters, answer }: ListFacts): PageGuess | undefined {
  const param = parameters.find(({ name }) => PAGE_PARAM.test(plainName(name)));
  if (param === undefined) return undefined;
  const start =
    param.default === 0 || param.minimum === 0 || /\b0\s*(?:\.\.|-)|zero|0-(?:based|indexed)/i.test(param.description ?? '') || isOfSpring(answer) ? 0 : 1;
  const ends = { ...guessTotal(answer, { endsList: true }), ...guessPages(answer), ...more(answer) };
  return {
    value: { type: 'page', param: param.name, ...(start === 1 ? {} : { start }), ...ends },
    why: `the list takes "${param.name}", of which the first is taken to be ${start}`,
  };
}

function byOffset({ parameters, answer }: ListFacts): PageGuess | undefined {
  const param = parameters.find(({ name }) => OFFSET_PARAM.test(plainName(name)));
  if (param === undefined) return undefined;
  return { value: { type: 'offset', param: param.name, ...guessTotal(answer, { endsList: true }), ...more(answer) }, why: `the list takes "${param.name}"` };
}

function more(answer: AnswerShape): { readonly hasMore?: string } {
  const flags = scalarsOf(answer).filter(({ type }) => type === 'boolean');
  const found = flags.find((field) => MORE.test(plainName(field.path.at(-1) ?? '')));
  if (found !== undefined) return { hasMore: expressionOf(found.path) };
  const last = flags.find((field) => IS_LAST.test(plainName(field.path.at(-1) ?? '')));
  return last === undefined ? {} : { hasMore: `$not(${expressionOf(last.path)})` };
}

/** Spring's Page: `number` counts from 0. */
function isOfSpring(answer: AnswerShape): boolean {
  const names = new Set(scalarsOf(answer).map(({ path }) => path.at(-1)));
  return names.has('totalElements') && names.has('number');
}

function nameOf({ path }: ScalarField): string {
  return plainName(path.join('_'));
}
