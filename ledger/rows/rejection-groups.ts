import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Rejection } from '../../engine/errors.ts';
import type { RejectionGroup } from '../ledger.ts';
import type { Vault } from '../vault.ts';
import { readRejection } from './record-row.ts';
import { defined, optionalText, type Row, text } from './row.ts';

const SAMPLES = 5;
const CHUNK = 2_000;
/** Of what was to be told again by a run that ended before. */
const TOLD_BY_A_LATER_RUN = 'the target is still to be told of it, by a later run';

/**
 * What is rejected or held now, by its cause; see `RecordStore.groupRejections`.
 * @param readPage of what is refused, in key order: each with its latest sighting and change, and the latest verdict on it
 */
export async function groupRefused(vault: Vault, readPage: (afterKey: string, limit: number) => Promise<readonly Row[]>): Promise<readonly RejectionGroup[]> {
  const groups = new Map<
    string,
    { readonly cause: Pick<Rejection, 'reason' | 'message' | 'field' | 'apiCode'>; count: number; readonly sampleKeys: string[] }
  >();
  for (let after: string | undefined = ''; after !== undefined; await nextTurn()) {
    const from: string = after;
    const rows = await readPage(from, CHUNK);
    for (const row of rows) {
      const cause = causeOf(vault, row);
      const id = [cause.reason, cause.field, cause.apiCode, withoutValues(cause.message)].join('\u0000');
      const group = groups.get(id) ?? { cause, count: 0, sampleKeys: [] };
      group.count += 1;
      if (group.sampleKeys.length < SAMPLES) group.sampleKeys.push(text(row, 'key'));
      groups.set(id, group);
    }
    const last = rows.at(-1);
    after = last === undefined || rows.length < CHUNK ? undefined : text(last, 'key');
  }
  return [...groups.values()]
    .toSorted((one, other) => other.count - one.count)
    .map(({ cause, count, sampleKeys }) =>
      defined({ reason: cause.reason, field: cause.field, message: cause.message, apiCode: cause.apiCode, count, sampleKeys }),
    );
}

function causeOf(vault: Vault, row: Row): Pick<Rejection, 'reason' | 'message' | 'field' | 'apiCode'> {
  if (text(row, 'last_outcome') === 'rejected') return readRejection(vault, optionalText(row, 'rejection')) ?? { reason: 'rejected', message: 'rejected' };
  if (row['has_unknown'] === 1 && optionalText(row, 'reason') === undefined && optionalText(row, 'hold_reason') === undefined)
    return { reason: 'unknown', message: 'a write of this record got no answer and is not yet resolved' };
  const words = optionalText(row, 'note') ?? optionalText(row, 'detail');
  return {
    reason: optionalText(row, 'hold_reason') ?? optionalText(row, 'reason') ?? 'held',
    message: words === undefined ? TOLD_BY_A_LATER_RUN : vault.readText(words),
  };
}

/** A message without what differs from record to record: quoted values, addresses, and words with a digit in them (ids, numbers, dates). */
export function withoutValues(message: string): string {
  return message
    .replace(/"[^"]*"|`[^`]*`|“[^”]*”|‘[^’]*’|(?<![\p{L}\p{N}])'[^']*'(?![\p{L}\p{N}])/gu, '…')
    .replace(/[^\s"'<>(),;:]+@[^\s"'<>(),;:]+/g, '…')
    .replace(/[\p{L}\p{N}_.:+-]*\p{N}[\p{L}\p{N}_.:+-]*/gu, '…');
}
