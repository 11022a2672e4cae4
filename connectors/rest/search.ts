import { SyncError } from '../../engine/errors.ts';
import { compileExpression } from '../../engine/expression.ts';
import type { Json } from '../../engine/json.ts';
import type { FoundRecord, SourceRecord, Target } from '../ports.ts';
import { brokenContract, evaluateOnAnswer } from './broken-contract.ts';
import { fieldNamesFor } from './field-names.ts';
import { merged } from './field-parts.ts';
import { insertedPaths } from './inserted-paths.ts';
import { holdBack, observe } from './observe.ts';
import { isAfterShort, type PageCursor } from './page-cursor.ts';
import { compilePageFacts } from './page-facts.ts';
import { shownCursor, withPage } from './page-request.ts';
import { compileRecordReader, keyText, NO_CONTENT } from './record-reader.ts';
import { refused } from './refused.ts';
import { compileRequest } from './request-template.ts';
import type { RestTargetOptions } from './rest-target.ts';
import { walkOn } from './walk-list.ts';

/** No API is known to answer a search with fewer records than this where there are more: an answer of as many may have been cut off. */
const SMALLEST_PAGE = 5;
const EMAIL = /^[^\s@]+@[^\s@]+$/;

interface Asked {
  readonly keys: readonly string[];
  readonly wanted: readonly string[];
  readonly signal: AbortSignal | undefined;
}

type SearchOnce = (asked: Asked) => Promise<readonly FoundRecord[]>;

/**
 * Looks records up by match value, as many at once as the API takes. Compared as text, without regard to spaces around; case counts but in e-mail addresses, and where the API may
 * have written all in one case. Whoever is told "not found" may create the record, so what an answer may have cut off is asked for again.
 */
export function compileSearch(options: RestTargetOptions): Target['search'] {
  const { object, matchOn } = options;
  const { search } = object;
  const where = `${options.connection.name}.${options.objectName}.search`;
  if (search === undefined) {
    return () => Promise.reject(new SyncError({ code: 'DEFINITION_INVALID', retry: 'never', message: `${where} is not defined.` }));
  }
  const textOfHit = (hit: FoundRecord) => textOf(matchOf(hit, matchOn, where));
  const isPaged = search.page.type !== 'none';
  const searchOnce = compileSearchOnce(options, search, where, textOfHit);
  const wanted = insertedPaths(search).has('wanted') ? [...new Set(options.wanted)].filter((field) => field !== matchOn) : [];
  return async (values, signal) => {
    // By folded value, then by id: the same record may come with several spellings of a value.
    const found = new Map<string, Map<string, FoundRecord>>();
    const hitsOf = (value: string) => namedBy(value, [...(found.get(fold(value))?.values() ?? [])], textOfHit);
    const asked = [...new Set(values)];
    for (let from = 0; from < asked.length; from += search.max) {
      let keys: readonly string[] = asked.slice(from, from + search.max);
      while (keys.length > 0) {
        const hits = await searchOnce({ keys, wanted, signal });
        for (const hit of hits) {
          const match = fold(textOfHit(hit));
          if (match === '') continue;
          found.set(match, (found.get(match) ?? new Map<string, FoundRecord>()).set(hit.id, hit));
        }
        const missing = keys.filter((key) => hitsOf(key).length === 0);
        if (isPaged || hits.length < SMALLEST_PAGE || missing.length === keys.length) break;
        keys = missing;
      }
    }
    return new Map(values.map((value) => [value, hitsOf(value)] as const).filter(([, hits]) => hits.length > 0));
  };
}

/** One search, in pages where it has some; in halves where the API refuses so many keys or fields at once (HubSpot counts the characters of a query). */
function compileSearchOnce(
  options: RestTargetOptions,
  search: NonNullable<RestTargetOptions['object']['search']>,
  where: string,
  textOfHit: (hit: FoundRecord) => string,
): SearchOnce {
  const searchPage = compileSearchPage(options, search, where);
  const searchOnce: SearchOnce = async (asked) => {
    const { keys, wanted, signal } = asked;
    const hits: FoundRecord[] = [];
    for (let place: PageCursor | undefined; ; ) {
      const page = await searchPage(asked, place);
      if (page.state === 'refused') break;
      hits.push(...page.hits);
      if (page.next === undefined || keys.every((key) => isAmong(key, hits, textOfHit))) return hits;
      place = page.next;
    }
    if (wanted.length > keys.length) {
      const [first, second] = halves(wanted);
      return joined(await searchOnce({ keys, wanted: first, signal }), await searchOnce({ keys, wanted: second, signal }));
    }
    const [first, second] = halves(keys);
    return [...(await searchOnce({ keys: first, wanted, signal })), ...(await searchOnce({ keys: second, wanted, signal }))];
  };
  return searchOnce;
}

/** `refused`: so many keys or fields at once. */
type SearchedPage =
  | { readonly state: 'refused' }
  | { readonly state: 'answered'; readonly hits: readonly FoundRecord[]; readonly next: PageCursor | undefined };

function compileSearchPage(
  options: RestTargetOptions,
  search: NonNullable<RestTargetOptions['object']['search']>,
  where: string,
): (asked: Asked, before: PageCursor | undefined) => Promise<SearchedPage> {
  const { client, connection, objectName, object, matchOn, tellFieldNames, warn } = options;
  const { page: rule } = search;
  const request = compileRequest(search, where);
  const fieldNames = fieldNamesFor(tellFieldNames, { objectName, object, where }, search);
  const reader = compileRecordReader(object, search.records, where, search);
  const pageFacts = compilePageFacts(rule, search.records, where);
  const etag = search.etag === undefined ? undefined : compileExpression(search.etag);
  const observer = observe(connection.name, options.observer);
  const found = async ({ key, fields }: SourceRecord, headers: Json): Promise<FoundRecord> => {
    const version = etag === undefined ? undefined : keyText(await evaluateOnAnswer(etag, { record: fields, headers }, `${where}.etag`));
    return { id: key, fields, ...(version === undefined ? {} : { etag: version }) };
  };
  return async ({ keys, wanted, signal }, before) => {
    const rendered = await request.render({ keys, key: keys[0], matchOn, wanted, cursor: shownCursor(rule, before?.at), ...(await fieldNames()) });
    const held = holdBack(observer);
    const asked = { ...withPage(rendered, rule, before?.at), repeat: 'read', signal, observer: held.observer } as const;
    const { answer, classification } = await client.send(asked).finally(() => held.tell({ matches: keys }));
    // "Nothing there" is an answer only where the address names what is looked for; else the endpoint itself is missing.
    if (classification.class === 'not-found' && (request.hasPathValues || isAfterShort(before))) return { state: 'answered', hits: [], next: undefined };
    if (classification.class === 'success') {
      const records = answer.status === NO_CONTENT ? [] : await reader.readList(answer.body);
      const hits = await Promise.all(records.map((record) => found(record, records.length === 1 ? { ...answer.headers } : {})));
      const walked = walkOn(rule, before, { records, facts: await pageFacts(answer, records) }, where, warn);
      return { state: 'answered', hits, next: walked.step === 'again' ? walked.at : walked.next };
    }
    if (Math.max(keys.length, wanted.length) <= 1 || classification.class === 'not-found') throw refused(connection.name, where, answer, classification);
    return { state: 'refused' };
  };
}

/** Surely: one in another case may not be the one that is meant. */
function isAmong(value: string, hits: readonly FoundRecord[], textOfHit: (hit: FoundRecord) => string): boolean {
  const text = value.trim();
  const isEmail = EMAIL.test(text);
  return hits.some((hit) => textOfHit(hit) === text || (isEmail && fold(textOfHit(hit)) === fold(text)));
}

function halves(names: readonly string[]): readonly [readonly string[], readonly string[]] {
  const middle = Math.ceil(names.length / 2);
  return [names.slice(0, middle), names.slice(middle)];
}

/** The same records, each asked for twice: for some of its fields, and for others. */
function joined(some: readonly FoundRecord[], others: readonly FoundRecord[]): readonly FoundRecord[] {
  const known = new Map(some.map((hit) => [hit.id, hit]));
  for (const hit of others) known.set(hit.id, { ...hit, fields: merged(known.get(hit.id)?.fields ?? {}, hit.fields) });
  return [...known.values()];
}

/** @throws SyncError CONTRACT_BROKEN where the hit does not show what it was found by: all would look new, and be created again */
function matchOf({ fields }: FoundRecord, matchOn: string, where: string): Json {
  const match = Object.hasOwn(fields, matchOn) ? fields[matchOn] : undefined;
  if (match === undefined) throw brokenContract(`${where}: a record that was found does not show its "${matchOn}": let the search return this field.`);
  return match;
}

/** Of the hits that differ in case at most, those that the value names: ids may differ in case alone, and are then of two records. */
function namedBy(value: string, hits: readonly FoundRecord[], textOfHit: (hit: FoundRecord) => string): readonly FoundRecord[] {
  const text = value.trim();
  if (EMAIL.test(text)) return hits;
  const exact = hits.filter((hit) => textOfHit(hit) === text);
  if (exact.length > 0) return exact;
  const inOneCase = [text.toLowerCase(), text.toUpperCase()];
  return hits.filter((hit) => inOneCase.includes(textOfHit(hit)));
}

function textOf(value: Json): string {
  return (typeof value === 'boolean' ? String(value) : (keyText(value) ?? '')).trim();
}

function fold(text: string): string {
  return text.trim().toLowerCase();
}
