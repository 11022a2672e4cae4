import type { UnknownResolution, UnknownWrite } from '../unknown-store.ts';
import type { Vault } from '../vault.ts';
import { defined, optionalNumber, optionalText, type Row, text } from './row.ts';

/** What a person said, as the record's story tells it. */
export function wordsOfResolution(resolution: UnknownResolution): string {
  if (resolution.as === 'not-written') return 'a person found that it was not written: the next run sends it again';
  return `a person found that it was written${resolution.targetId === undefined ? '' : ` as ${resolution.targetId}`}`;
}

export function readUnknownWrite(vault: Vault, row: Row): UnknownWrite {
  const method = optionalText(row, 'method');
  const note = optionalText(row, 'note');
  return defined({
    key: text(row, 'key'),
    runId: text(row, 'run_id'),
    sentAt: optionalNumber(row, 'sent_at'),
    request: method === undefined ? undefined : `${method} ${text(row, 'path')}`,
    status: optionalNumber(row, 'status'),
    failure: optionalText(row, 'failure'),
    message: note === undefined ? 'its answer was lost' : vault.readText(note),
  });
}
