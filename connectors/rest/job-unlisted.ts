import type { BulkRule } from '../../definition/schema/connector.ts';
import { compileExpression } from '../../engine/expression.ts';
import type { Json } from '../../engine/json.ts';
import { isShown } from '../../engine/shown-text.ts';
import type { FoundRecord, OutgoingRecord, WriteResult } from '../ports.ts';
import { evaluateOnAnswer } from './broken-contract.ts';
import type { JobResultsOptions, ReadJobResults } from './job-results.ts';

const UNKNOWN: WriteResult = { outcome: 'unknown' };

/** What became of the records at these places, which no list of results names. */
export type JudgeUnlisted = (
  job: string,
  records: readonly OutgoingRecord[],
  places: readonly number[],
  more: Parameters<ReadJobResults>[2],
) => Promise<ReadonlyMap<number, WriteResult>>;

/**
 * Where results list refused records only. What they do not name was written if the job's own counts say just that, and was not if the job wrote nothing. Otherwise the target is asked: a
 * record that shows what was sent was written, of any other nothing is known.
 */
export function compileUnlisted(options: JobResultsOptions, { unlisted }: BulkRule): JudgeUnlisted | undefined {
  if (unlisted === undefined) return undefined;
  const { kind, search, warn, askPoll } = options;
  const where = `${options.where}.unlisted`;
  const [taken, written] = [compileExpression(unlisted.taken), compileExpression(unlisted.written)];

  return async (job, records, places, more) => {
    const body = await askPoll(job, more);
    const count = async (expression: typeof taken) => asCount(await evaluateOnAnswer(expression, body, where));
    const counts = { taken: await count(taken), written: await count(written) };
    if (counts.written === 0) return new Map(places.map((place) => [place, { outcome: 'again' }]));
    const isSame = counts.taken === records.length && counts.written === places.length;
    if (!isSame)
      warn(
        `${where}: of ${records.length} records ${places.length} are not listed as refused, and the job says that it took ${counts.taken ?? 'some'} and wrote ${counts.written ?? 'some'}: each is looked up.`,
      );
    const asked = places.flatMap((place) => (isSame && records[place]?.targetId !== undefined ? [] : [records[place]?.match ?? '']));
    const found = search === undefined ? undefined : await search(asked, more.signal);
    return new Map(
      places.map((place) => {
        const record = records[place];
        if (record === undefined) return [place, UNKNOWN];
        const hits = found?.get(record.match) ?? [];
        return [place, isSame ? asWritten(record, hits, kind === 'create' && found !== undefined) : asShown(record, hits)];
      }),
    );
  };
}

/** A record that can only be told again by its id is not done before that is known. */
function asWritten({ targetId }: OutgoingRecord, [hit, second]: readonly FoundRecord[], needsId: boolean): WriteResult {
  const id = targetId ?? (second === undefined ? hit?.id : undefined);
  if (id === undefined) return needsId ? UNKNOWN : { outcome: 'written' };
  return { outcome: 'written', targetId: id };
}

function asShown({ fields, targetId }: OutgoingRecord, [hit, second]: readonly FoundRecord[]): WriteResult {
  const isOwn = hit !== undefined && second === undefined && (targetId === undefined || targetId === hit.id);
  return isOwn && isShown(fields, hit.fields) ? { outcome: 'written', targetId: hit.id } : UNKNOWN;
}

function asCount(value: Json | undefined): number | undefined {
  const count = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof count === 'number' && Number.isInteger(count) ? count : undefined;
}
