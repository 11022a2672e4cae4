import { z } from 'zod';
import { compositeKey } from '../../../engine/composite-key.ts';
import { SyncError } from '../../../engine/errors.ts';
import type { BatchAnswer, WriteResult } from '../../ports.ts';
import { apiRejection, outcomeOfMissing } from '../../rest/read-result.ts';
import type { RowBatch } from '../database.ts';
import { requireColumns } from '../rows.ts';
import { trouble } from '../sql-trouble.ts';
import type { Answer, Session } from './pg-session.ts';
import { isLost, rejectionOf } from './pg-trouble.ts';
import { writeStatements } from './pg-write.ts';

/**
 * Writes a batch in one transaction. Until its COMMIT is sent nothing of it can come to be: an attempt that was held up for longer than a statement may take gives up instead.
 * @throws what the driver throws; WRITE_OUTCOME_UNKNOWN where the answer to the COMMIT was lost
 */
export async function sendBatch(
  session: Session,
  batch: RowBatch,
  checkBeforeDispatch: () => Promise<void>,
  { connection, requestMs }: { readonly connection: string; readonly requestMs: number },
): Promise<BatchAnswer> {
  const statements = writeStatements(batch);
  let isCommitting = false;
  try {
    await session.begin();
    await checkBeforeDispatch();
    const startedAt = Date.now();
    const answers: Answer[] = [];
    for (const { sql, rows } of statements) answers.push(await session.query(sql, [rows]));
    if (Date.now() - startedAt > requestMs)
      throw trouble('SYSTEM_UNAVAILABLE', 'backoff', `${connection}: a write took longer than ${requestMs / 1_000} s and was given up.`);
    isCommitting = true;
    await session.commit();
    return { answer: 'results', results: resultsOf(batch, answers) };
  } catch (error) {
    await session.rollBack(error);
    if (isCommitting && isLost(error)) throw unheard(connection);
    const rejection = rejectionOf(error);
    if (rejection === undefined) throw error;
    return { answer: 'refused', rejection };
  }
}

const toldRow = z.array(z.string().nullable());

/** What the statements tell of each record: a row that is not told of was not there. */
function resultsOf(batch: RowBatch, answers: readonly Answer[]): readonly WriteResult[] {
  const isById = batch.kind === 'update' || batch.kind === 'delete';
  const words = isById ? 'no row has its key' : 'the database has no row of it: a trigger or a rule may have left it out';
  const results: WriteResult[] = batch.records.map(() => outcomeOfMissing(batch.kind, apiRejection(words, undefined)));
  const readers = requireColumns(batch.shape, batch.key, batch.table).map(({ read }) => read);
  for (const row of answers.flatMap(({ rows }) => rows)) {
    const [place, ...told] = toldRow.parse(row);
    const targetId = compositeKey(readers.map((read, index) => read(told[index])));
    results[Number(place)] = {
      outcome: 'written',
      ...(targetId === undefined ? {} : { targetId }),
      ...(batch.kind === 'upsert' ? { created: told.at(-1) === 't' } : {}),
    };
  }
  return results;
}

function unheard(connection: string): SyncError {
  const message = `${connection} did not answer a write: the connection broke at its end. Whether it was applied is not known yet.`;
  return new SyncError({ code: 'WRITE_OUTCOME_UNKNOWN', retry: 'backoff', message });
}
