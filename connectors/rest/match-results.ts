import type { WriteEndpoint } from '../../definition/schema/connector.ts';
import { compileExpression, type Expression } from '../../engine/expression.ts';
import { ExpressionError } from '../../engine/expression-error.ts';
import { isJsonObject, type Json } from '../../engine/json.ts';
import type { MaybePromise } from '../../engine/maybe-promise.ts';
import type { ChangeKind } from '../../engine/outcome.ts';
import { isJsonArray } from '../../engine/plain-json.ts';
import { isTruthy } from '../../engine/truthy.ts';
import type { OutgoingRecord, WriteResult } from '../ports.ts';
import { AnswerNotes } from './answer-notes.ts';
import { shapeOf } from './broken-contract.ts';
import { compileFailure, compileResult, type ReadResult } from './read-result.ts';
import { type FindPlace, placesBy } from './record-places.ts';
import { keyText } from './record-reader.ts';

/** What became of each record of a batch, in its order; and what was strange about the answer, for people. */
export interface MatchedResults {
  readonly results: readonly WriteResult[];
  readonly warnings: readonly string[];
}

export type MatchResults = (records: readonly OutgoingRecord[], body: Json) => Promise<MatchedResults>;

export interface MatchRule {
  readonly results: NonNullable<WriteEndpoint['results']>;
  readonly failures: WriteEndpoint['failures'];
  readonly kind: ChangeKind;
  readonly matchOn: string;
  /** Where a record keeps its fields: a result that lacks its key may be told by its match value. */
  readonly values: string | undefined;
  /** Where results are not read by the rule itself: what one says of its record. */
  readonly read?: ReadResult | undefined;
}

/**
 * Reads from the answer to a batch what became of each of its records. What the answer does not mention, or says two things of, is `unknown`, never `written`. Never throws on
 * what an API may answer: the batch may be applied.
 */
export function compileMatchResults(rule: MatchRule): MatchResults {
  const { results, failures } = rule;
  const readList = listReader(results.at);
  const readResult = rule.read ?? compileResult(results, rule.kind);
  const keyOf = compileKey(rule);
  const noteFailures = failures === undefined ? undefined : compileFailures(failures, rule.kind);

  return async (records, body) => {
    const notes = new AnswerNotes(records.length);
    const finders = { byKey: placesBy(records, results.by), byMatch: placesBy(records, 'match') };
    const listed = await readList(body);
    if (listed === undefined) notes.warn(`the results path "${results.at}" finds no list. The answer has: ${shapeOf(body)}.`);
    const sizes = { listed: listed?.length ?? 0, sent: records.length };
    for (const [index, entry] of (listed ?? []).entries()) {
      const place = keyOf({ entry, index, sizes, finders });
      const noted = notes.note(place instanceof Promise ? await place : place, readResult, entry);
      if (noted instanceof Promise) await noted;
    }
    if (sizes.listed > sizes.sent) notes.warn('the answer has more results than records were sent.');
    await noteFailures?.(notes, body, finders.byKey);
    return { results: notes.outcomes, warnings: notes.warnings };
  };
}

interface KeySearch {
  readonly entry: Json;
  readonly index: number;
  readonly sizes: { readonly listed: number; readonly sent: number };
  readonly finders: { readonly byKey: FindPlace; readonly byMatch: FindPlace };
}

/** Finds the place of a result's record: by its key; where it carries none, by its match value, or as the only result of the only record. */
function compileKey({ results, matchOn, values }: MatchRule): (search: KeySearch) => MaybePromise<number | undefined> {
  const { by } = results;
  const key = results.key === undefined ? defaultKey(by) : compileExpression(results.key);
  const fieldsAt = values === undefined ? undefined : compileExpression(values);
  const search = async ({ entry, sizes, finders }: KeySearch) => {
    const found = keyText(await attempt(key, entry));
    if (found !== undefined) return finders.byKey(found);
    const fields = (await attempt(fieldsAt, entry)) ?? entry;
    const match = isJsonObject(fields) && Object.hasOwn(fields, matchOn) ? keyText(fields[matchOn]) : undefined;
    if (match !== undefined) return finders.byMatch(match);
    return sizes.sent === 1 && sizes.listed === 1 && isTruthy(entry) ? 0 : undefined;
  };
  return (result) => {
    if (result.entry === null) return undefined;
    // A list of another length than the batch says nothing by its order.
    const isInOrder = by === 'index' && key === undefined && result.sizes.listed === result.sizes.sent;
    return isInOrder ? result.index : search(result);
  };
}

/** A failure may name several records; without a key it can only be about the only one. */
export function compileFailures(
  failures: NonNullable<WriteEndpoint['failures']>,
  kind: ChangeKind,
): (notes: AnswerNotes, body: Json, find: FindPlace) => Promise<void> {
  const readList = listReader(failures.at);
  const readFailure = compileFailure(failures, kind);
  const keys = failures.key === undefined ? undefined : compileExpression(failures.key);
  return async (notes, body, find) => {
    notes.beginFailures();
    for (const entry of (await readList(body)) ?? []) {
      const found = await attempt(keys, entry);
      const isOnly = found === undefined && notes.outcomes.length === 1;
      const places = (isJsonArray(found) ? found : [found]).map((key) => find(keyText(key) ?? ''));
      for (const place of isOnly ? [0] : places) await notes.note(place, readFailure, entry);
    }
  };
}

function defaultKey(by: MatchRule['results']['by']): Expression | undefined {
  return by === 'id' || by === 'ref' ? compileExpression(by) : undefined;
}

/** A list, or a single entry; undefined where there is neither. */
function listReader(source: string): (body: Json) => Promise<readonly Json[] | undefined> {
  const expression = compileExpression(source);
  return async (body) => {
    const found = await attempt(expression, body);
    return isJsonArray(found) ? found : isJsonObject(found) ? [found] : undefined;
  };
}

/** What cannot be evaluated on an answer is not there. */
async function attempt(expression: Expression | undefined, entry: Json): Promise<Json | undefined> {
  try {
    return await expression?.evaluate(entry);
  } catch (error) {
    if (error instanceof ExpressionError) return undefined;
    throw error;
  }
}
