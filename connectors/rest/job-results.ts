import type { BulkResults, BulkRule } from '../../definition/schema/connector.ts';
import { assertNever } from '../../engine/assert-never.ts';
import { compileExpression } from '../../engine/expression.ts';
import type { Json, JsonObject } from '../../engine/json.ts';
import type { ChangeKind } from '../../engine/outcome.ts';
import type { HttpClient, HttpObserver } from '../../http/http-client.ts';
import { nextCursor } from '../../http/paging.ts';
import type { OutgoingRecord, Target, WriteResult } from '../ports.ts';
import { AnswerNotes } from './answer-notes.ts';
import { evaluateOnAnswer } from './broken-contract.ts';
import { compileRows } from './file-text.ts';
import type { JobPoll } from './job-look.ts';
import { compileJobRequest } from './job-request.ts';
import { compileUnlisted } from './job-unlisted.ts';
import { afterPage, isLastAgain, type PageCursor } from './page-cursor.ts';
import { compilePageFacts } from './page-facts.ts';
import { shownCursor, withPage } from './page-request.ts';
import { compileFailure, compileResult, type ReadResult } from './read-result.ts';
import { placesBy } from './record-places.ts';
import { keyText, NO_CONTENT } from './record-reader.ts';
import { refused } from './refused.ts';

export interface JobResultsOptions {
  readonly client: HttpClient;
  readonly connection: string;
  readonly kind: ChangeKind;
  readonly matchOn: string;
  readonly where: string;
  /** The last answer of `poll`. */
  readonly askPoll: JobPoll['ask'];
  /** Undefined where the target cannot be searched. */
  readonly search: Target['search'] | undefined;
  readonly warn: (message: string) => void;
}

/** Fetches what became of each record of a job. */
export type ReadJobResults = (
  job: string,
  records: readonly OutgoingRecord[],
  more: { readonly observer: HttpObserver; readonly signal?: AbortSignal | undefined },
) => Promise<readonly WriteResult[]>;

/** What no list of results mentions, or two of them in different words, is `unknown`, never `written`; unless the connector has a rule for what is not listed. */
export function compileJobResults(options: JobResultsOptions, bulk: BulkRule): ReadJobResults {
  const compiled = bulk.results.map((part, index) => compilePart(options, part, `${options.where}.results[${index}]`));
  const judgeUnlisted = compileUnlisted(options, bulk);
  return async (job, records, more) => {
    const notes = new AnswerNotes(records.length);
    let namesNone = false;
    for (const { rule, fetchPages, read, keyOf } of compiled) {
      const find = placesBy(records, rule.by);
      for await (const row of fetchPages(job, more)) {
        const key = keyText(await keyOf(row));
        const place = key === undefined ? undefined : find(key);
        namesNone ||= place === undefined;
        const noted = notes.note(place, read, row);
        if (noted instanceof Promise) await noted;
      }
    }
    const outcomes = [...notes.outcomes];
    // A refusal that names no record may be of any.
    const unlisted = namesNone || judgeUnlisted === undefined ? [] : records.flatMap((_, place) => (notes.hasTold(place) ? [] : [place]));
    if (unlisted.length > 0) for (const [place, result] of (await judgeUnlisted?.(job, records, unlisted, more)) ?? []) outcomes[place] = result;
    const unknown = outcomes.filter(({ outcome }) => outcome === 'unknown').length;
    if (unknown > 0) notes.warn(`the results of a job do not tell of ${unknown} of its ${records.length} records.`);
    for (const warning of notes.warnings) options.warn(`${options.where}: ${warning}`);
    return outcomes;
  };
}

function compilePart(options: JobResultsOptions, rule: BulkResults, where: string) {
  const { matchOn } = options;
  const key = rule.key === undefined ? undefined : compileExpression(rule.key);
  return {
    rule,
    read: compileRead(rule, options.kind),
    keyOf: (row: JsonObject): Promise<Json | undefined> | Json | undefined =>
      key === undefined ? (Object.hasOwn(row, matchOn) ? row[matchOn] : undefined) : evaluateOnAnswer(key, row, `${where}.key`),
    fetchPages: compileFetch(options, rule, where),
  };
}

/** The rows of a list of results, whatever way it pages. Behind a link that is missing there are none. */
function compileFetch({ client, connection, matchOn, askPoll }: JobResultsOptions, rule: BulkResults, where: string) {
  const render = compileJobRequest(rule, where);
  const insertsPoll = /\bpoll\b/.test(JSON.stringify(rule));
  const rows = compileRows(rule.as, rule.at, where);
  const pageFacts = compilePageFacts(rule.page, rule.at, where);
  return async function* (job: string, more: Parameters<ReadJobResults>[2]): AsyncGenerator<JsonObject> {
    const poll = insertsPoll ? await askPoll(job, more) : undefined;
    let before: PageCursor | undefined;
    do {
      const rendered = await render({ job, matchOn, poll, cursor: shownCursor(rule.page, before?.at) });
      if (rendered === undefined) return;
      const { answer, classification } = await client.send({ ...rendered, ...withPage(rendered, rule.page, before?.at), ...more, repeat: 'read' });
      if (classification.class !== 'success') throw refused(connection, where, answer, classification);
      const list = answer.status === NO_CONTENT ? [] : await rows(answer.body);
      // A row is known by all that it says.
      const records = list.map((fields) => ({ key: JSON.stringify(fields), fields }));
      if (isLastAgain(before, records)) return;
      yield* list;
      const facts = await pageFacts(answer, records);
      const at = nextCursor(rule.page, before?.at, facts);
      before = at === undefined ? undefined : afterPage(rule.page, before, at, { records, repeated: 0, total: facts.total }, where);
    } while (before !== undefined);
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
