import type { WriteEndpoint } from '../../definition/schema/connector.ts';
import { compileExpression, type Expression } from '../../engine/expression.ts';
import { isJsonObject, type Json } from '../../engine/json.ts';
import type { OutgoingRecord, WriteResult } from '../ports.ts';

/** Reads from an answer what became of each record of its batch, in the batch's order. What the answer does not mention is `unknown`, never `written`. */
export type MatchResults = (records: readonly OutgoingRecord[], body: Json, matchOn: string) => Promise<readonly WriteResult[]>;

/** Statuses of single records that ask to come back. */
const AGAIN = new Set([423, 429, 503]);

export function compileMatchResults(endpoint: Pick<WriteEndpoint, 'results' | 'failures'>): MatchResults {
  const { results, failures } = endpoint;
  if (results === undefined) return async (records, body) => records.map((_, index) => unmatchedResult(records.length, index, body));
  const readList = listReader(results.at);
  const readFailures = failures === undefined ? undefined : listReader(failures.at);
  const readResult = compileResult(results);
  const readFailure = failures === undefined ? undefined : compileFailure(failures);
  const keyOf = results.key === undefined ? undefined : compileExpression(results.key);
  const failureKey = failures?.key === undefined ? undefined : compileExpression(failures.key);

  return async (records, body, matchOn) => {
    const outcomes: WriteResult[] = records.map(() => ({ outcome: 'unknown' }));
    const places = placesOf(records, results.by);
    const listed = await readList(body);
    // A list of another length than the batch cannot be told apart by position.
    const isAligned = results.by !== 'index' || listed.length === records.length;
    for (const [index, result] of listed.entries()) {
      const key =
        results.by === 'index'
          ? isAligned
            ? String(index)
            : undefined
          : keyText(await (keyOf ?? defaultKey(results.by, matchOn)).evaluate(result), results.by);
      const place = key === undefined ? undefined : places.get(key);
      if (place !== undefined) outcomes[place] = await readResult(result);
    }
    for (const failure of (await readFailures?.(body)) ?? []) {
      const keys = failureKey === undefined ? undefined : await failureKey.evaluate(failure);
      for (const key of Array.isArray(keys) ? keys : [keys]) {
        const place = places.get(keyText(key, results.by) ?? '');
        if (place !== undefined && readFailure !== undefined) outcomes[place] = await readFailure(failure);
      }
    }
    return outcomes;
  };
}

/** Without a rule for results a single accepted record is written; of several nothing is known. */
function unmatchedResult(size: number, index: number, body: Json): WriteResult {
  if (size !== 1 || index !== 0) return { outcome: 'unknown' };
  const id = isJsonObject(body) ? idText(body['id']) : undefined;
  return { outcome: 'written', ...(id === undefined ? {} : { targetId: id }) };
}

function placesOf(records: readonly OutgoingRecord[], by: NonNullable<WriteEndpoint['results']>['by']): ReadonlyMap<string, number> {
  const keyOf = (record: OutgoingRecord, index: number) => (by === 'id' ? record.targetId : by === 'match' ? record.match : String(index));
  const places = new Map<string, number>();
  for (const [index, record] of records.entries()) {
    const key = keyText(keyOf(record, index), by);
    if (key !== undefined) places.set(key, index);
  }
  return places;
}

/** APIs answer e-mail addresses in lower case, and ids as numbers or text. */
function keyText(key: Json | undefined, by: NonNullable<WriteEndpoint['results']>['by']): string | undefined {
  const text = typeof key === 'number' ? String(key) : typeof key === 'string' ? key : undefined;
  return by === 'match' ? text?.trim().toLowerCase() : text;
}

function defaultKey(by: 'id' | 'match' | 'ref', matchOn: string): Expression {
  return compileExpression(by === 'id' ? 'id' : by === 'ref' ? 'ref' : `\`${matchOn}\``);
}

function listReader(source: string): (body: Json) => Promise<readonly Json[]> {
  const expression = compileExpression(source);
  return async (body) => {
    const found = await expression.evaluate(body);
    return Array.isArray(found) ? found : isJsonObject(found) ? [found] : [];
  };
}

function compileResult(rule: NonNullable<WriteEndpoint['results']>): (result: Json) => Promise<WriteResult> {
  const id = rule.id === undefined ? undefined : compileExpression(rule.id);
  const error = rule.error === undefined ? undefined : compileExpression(rule.error);
  const errorCode = rule.errorCode === undefined ? undefined : compileExpression(rule.errorCode);
  const created = rule.created === undefined ? undefined : compileExpression(rule.created);
  return async (result) => {
    const message = await error?.evaluate(result);
    if (message !== undefined && message !== null && message !== false && message !== '') return rejected(message, await errorCode?.evaluate(result));
    const targetId = idText(await id?.evaluate(result));
    const isCreated = await created?.evaluate(result);
    return { outcome: 'written', ...(targetId === undefined ? {} : { targetId }), ...(typeof isCreated === 'boolean' ? { created: isCreated } : {}) };
  };
}

function compileFailure(rule: NonNullable<WriteEndpoint['failures']>): (failure: Json) => Promise<WriteResult> {
  const message = compileExpression(rule.message);
  const code = rule.code === undefined ? undefined : compileExpression(rule.code);
  const status = rule.status === undefined ? undefined : compileExpression(rule.status);
  return async (failure) => {
    const told = await status?.evaluate(failure);
    return AGAIN.has(Number(told)) ? { outcome: 'again' } : rejected((await message.evaluate(failure)) ?? 'refused', await code?.evaluate(failure));
  };
}

function rejected(message: Json, code: Json | undefined): WriteResult {
  const text = typeof message === 'string' ? message : JSON.stringify(message);
  const apiCode = typeof code === 'string' || typeof code === 'number' ? { apiCode: String(code) } : {};
  return { outcome: 'rejected', rejection: { reason: 'api-rejected', message: text, retry: 'never', ...apiCode } };
}

function idText(value: Json | undefined): string | undefined {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}
