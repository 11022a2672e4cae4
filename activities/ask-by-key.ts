import type { Source, SourceRecord, UnreadableRecord } from '../connectors/ports.ts';
import { SyncError } from '../engine/errors.ts';

/** What the source says of records that it is asked for one by one. */
export interface AnswersByKey {
  /** Each once, by its own key. */
  readonly records: readonly SourceRecord[];
  /** Keys for which it has none. */
  readonly gone: readonly string[];
  /** Keys for which it shows the record of another: that they were merged into, or of which they are another name. */
  readonly elsewhere: readonly string[];
  /** What it refuses of one record alone: that is rejected, and the others go on. */
  readonly unreadable: readonly UnreadableRecord[];
  /** Why it has not answered, by the keys that it has not answered for. */
  readonly failed: ReadonlyMap<string, unknown>;
}

/** Asks for records by their keys, side by side: the limits of the source hold as ever. */
export async function askByKey(readOne: NonNullable<Source['readOne']>, keys: readonly string[], signal: AbortSignal): Promise<AnswersByKey> {
  const failed = new Map<string, unknown>();
  const ask = async (key: string) => {
    try {
      return [{ key, record: await readOne(key, signal) }];
    } catch (error) {
      failed.set(key, error);
      return [];
    }
  };
  const answers = (await Promise.all(keys.map(ask))).flat();
  const unreadable: UnreadableRecord[] = [];
  for (const [key, error] of failed) {
    if (!isOfRecord(error, answers.length > 0)) continue;
    failed.delete(key);
    unreadable.push({ key, message: error.message, content: error.message, reason: 'source-refuses' });
  }
  return {
    records: [...new Map(answers.flatMap(({ record }) => (record === undefined ? [] : [[record.key, record] as const]))).values()],
    gone: answers.filter(({ record }) => record === undefined).map(({ key }) => key),
    elsewhere: answers.filter(({ key, record }) => record !== undefined && record.key !== key).map(({ key }) => key),
    unreadable,
    failed,
  };
}

/** What is refused of one record while others are answered for is no trouble of the source, of its connector or of the credentials. */
function isOfRecord(error: unknown, hasAnswered: boolean): error is SyncError {
  if (!(error instanceof SyncError)) return false;
  const { code, details } = error;
  if (code === 'REQUEST_REJECTED') return true;
  return hasAnswered && (code === 'CONTRACT_BROKEN' || (code === 'CREDENTIALS_REJECTED' && details['status'] === 403));
}
