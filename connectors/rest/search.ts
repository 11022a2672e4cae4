import { SyncError } from '../../engine/errors.ts';
import { compileExpression } from '../../engine/expression.ts';
import type { Json } from '../../engine/json.ts';
import type { FoundRecord, SourceRecord, Target } from '../ports.ts';
import { brokenContract, evaluateOnAnswer } from './broken-contract.ts';
import { fieldNamesFor } from './field-names.ts';
import { holdBack, observe } from './observe.ts';
import { compileRecordReader, keyText } from './record-reader.ts';
import { refused } from './refused.ts';
import { compileRequest } from './request-template.ts';
import type { RestTargetOptions } from './rest-target.ts';

/** No API is known to answer a search with fewer records than this where there are more: an answer of as many may have been cut off. */
const SMALLEST_PAGE = 5;

type SearchOnce = (keys: readonly string[], signal: AbortSignal | undefined) => Promise<readonly FoundRecord[]>;

/**
 * Looks records up by match value, as many at once as the API takes. Compared as text, without regard to case or spaces around. Whoever is told "not found" may create the record,
 * so what an answer may have cut off is asked for again.
 */
export function compileSearch(options: RestTargetOptions): Target['search'] {
  const { object, matchOn } = options;
  const { search } = object;
  const where = `${options.connection.name}.${options.objectName}.search`;
  if (search === undefined) {
    return () => Promise.reject(new SyncError({ code: 'DEFINITION_INVALID', retry: 'never', message: `${where} is not defined.` }));
  }
  const searchOnce = compileSearchOnce(options, search, where);
  return async (values, signal) => {
    // By compared value, then by id: the same record may come with several spellings of a value.
    const found = new Map<string, Map<string, FoundRecord>>();
    const wanted = [...new Set(values)];
    for (let from = 0; from < wanted.length; from += search.max) {
      let keys: readonly string[] = wanted.slice(from, from + search.max);
      while (keys.length > 0) {
        const hits = await searchOnce(keys, signal);
        for (const hit of hits) {
          const match = compared(matchOf(hit, matchOn, where));
          if (match === '') continue;
          found.set(match, (found.get(match) ?? new Map<string, FoundRecord>()).set(hit.id, hit));
        }
        const missing = keys.filter((key) => !found.has(compared(key)));
        if (hits.length < SMALLEST_PAGE || missing.length === keys.length) break;
        keys = missing;
      }
    }
    return new Map(values.map((value) => [value, [...(found.get(compared(value))?.values() ?? [])]] as const).filter(([, hits]) => hits.length > 0));
  };
}

/** One search; in halves where the API refuses so many keys at once (HubSpot counts the characters of a query). */
function compileSearchOnce(options: RestTargetOptions, search: NonNullable<RestTargetOptions['object']['search']>, where: string): SearchOnce {
  const { client, connection, objectName, object, matchOn, tellFieldNames } = options;
  const request = compileRequest(search, where);
  const fieldNames = fieldNamesFor(tellFieldNames, { objectName, object, where }, search);
  const reader = compileRecordReader(object, search.records, where, search);
  const etag = search.etag === undefined ? undefined : compileExpression(search.etag);
  const observer = observe(connection.name, options.observer);
  const found = async ({ key, fields }: SourceRecord, headers: Json): Promise<FoundRecord> => {
    const version = etag === undefined ? undefined : keyText(await evaluateOnAnswer(etag, { record: fields, headers }, `${where}.etag`));
    return { id: key, fields, ...(version === undefined ? {} : { etag: version }) };
  };
  const searchOnce: SearchOnce = async (keys, signal) => {
    const rendered = await request.render({ keys, key: keys[0], matchOn, ...(await fieldNames()) });
    const held = holdBack(observer);
    const asked = { ...rendered, repeat: 'read', signal, observer: held.observer } as const;
    const { answer, classification } = await client.send(asked).finally(() => held.tell({ matches: keys }));
    // "Nothing there" is an answer only where the address names what is looked for; else the endpoint itself is missing.
    if (classification.class === 'not-found' && request.hasPathValues) return [];
    if (classification.class === 'success') {
      const records = await reader.readList(answer.body);
      return Promise.all(records.map((record) => found(record, records.length === 1 ? { ...answer.headers } : {})));
    }
    if (keys.length === 1 || classification.class === 'not-found') throw refused(connection.name, where, answer, classification);
    const middle = Math.ceil(keys.length / 2);
    return [...(await searchOnce(keys.slice(0, middle), signal)), ...(await searchOnce(keys.slice(middle), signal))];
  };
  return searchOnce;
}

/** @throws SyncError CONTRACT_BROKEN where the hit does not show what it was found by: all would look new, and be created again */
function matchOf({ fields }: FoundRecord, matchOn: string, where: string): Json {
  const match = Object.hasOwn(fields, matchOn) ? fields[matchOn] : undefined;
  if (match === undefined) throw brokenContract(`${where}: a record that was found does not show its "${matchOn}": let the search return this field.`);
  return match;
}

function compared(value: Json): string {
  return (typeof value === 'boolean' ? String(value) : (keyText(value) ?? '')).trim().toLowerCase();
}
