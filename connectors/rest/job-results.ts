import type { BulkResults } from '../../definition/schema/connector.ts';
import { assertNever } from '../../engine/assert-never.ts';
import { compileExpression } from '../../engine/expression.ts';
import type { Json, JsonObject } from '../../engine/json.ts';
import type { ChangeKind } from '../../engine/outcome.ts';
import type { HttpClient, HttpObserver } from '../../http/http-client.ts';
import type { OutgoingRecord, WriteResult } from '../ports.ts';
import { AnswerNotes } from './answer-notes.ts';
import { evaluateOnAnswer } from './broken-contract.ts';
import { compileRows } from './file-text.ts';
import { compileFailure, compileResult, type ReadResult } from './read-result.ts';
import { placesBy } from './record-places.ts';
import { keyText } from './record-reader.ts';
import { refused } from './refused.ts';
import { compileRequest } from './request-template.ts';

export interface JobResultsOptions {
  readonly client: HttpClient;
  readonly connection: string;
  readonly kind: ChangeKind;
  readonly matchOn: string;
  readonly where: string;
  readonly warn: (message: string) => void;
}

/** Fetches what became of each record of a job. */
export type ReadJobResults = (
  job: string,
  records: readonly OutgoingRecord[],
  more: { readonly observer: HttpObserver; readonly signal?: AbortSignal | undefined },
) => Promise<readonly WriteResult[]>;

/** What no list of results mentions, or two of them in different words, is `unknown`, never `written`. */
export function compileJobResults(options: JobResultsOptions, parts: readonly BulkResults[]): ReadJobResults {
  const compiled = parts.map((part, index) => compilePart(options, part, `${options.where}.results[${index}]`));
  return async (job, records, more) => {
    const notes = new AnswerNotes(records.length);
    for (const { rule, fetchRows, read, keyOf } of compiled) {
      const find = placesBy(records, rule.by);
      for (const row of await fetchRows(job, more)) {
        const key = keyText(await keyOf(row));
        const noted = notes.note(key === undefined ? undefined : find(key), read, row);
        if (noted instanceof Promise) await noted;
      }
    }
    const unknown = notes.outcomes.filter(({ outcome }) => outcome === 'unknown').length;
    if (unknown > 0) notes.warn(`the results of a job do not tell of ${unknown} of its ${records.length} records.`);
    for (const warning of notes.warnings) options.warn(`${options.where}: ${warning}`);
    return notes.outcomes;
  };
}

function compilePart({ client, connection, kind, matchOn }: JobResultsOptions, rule: BulkResults, where: string) {
  const request = compileRequest(rule, where);
  const rows = compileRows(rule.as, rule.at, where);
  const key = rule.key === undefined ? undefined : compileExpression(rule.key);
  return {
    rule,
    read: compileRead(rule, kind),
    keyOf: (row: JsonObject): Promise<Json | undefined> | Json | undefined =>
      key === undefined ? (Object.hasOwn(row, matchOn) ? row[matchOn] : undefined) : evaluateOnAnswer(key, row, `${where}.key`),
    fetchRows: async (job: string, more: Parameters<ReadJobResults>[2]) => {
      const { answer, classification } = await client.send({ ...(await request.render({ job, matchOn })), ...more, repeat: 'read' });
      if (classification.class !== 'success') throw refused(connection, where, answer, classification);
      return rows(answer.body);
    },
  };
}

function compileRead({ outcome, error, errorCode, status, ...told }: BulkResults, kind: ChangeKind): ReadResult {
  switch (outcome) {
    case 'told':
      return compileResult({ ...told, error, errorCode, status }, kind);
    case 'written':
      return compileResult(told, kind);
    case 'rejected':
      return compileFailure({ at: '$', message: error ?? `''`, code: errorCode, status }, kind);
    case 'again':
      return () => ({ outcome: 'again' });
    default:
      return assertNever(outcome);
  }
}
