import { createHash } from 'node:crypto';
import type { Run, RunStore } from '../../ledger/ledger.ts';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const LENGTH = 10;
const MAX_TRIES = 100;

/** The run of an idempotency key: its id is made from the key, so that every listener, today and tomorrow, knows it again. */
export interface KeyedRun {
  readonly id: string;
  /** Absent: it was not asked for yet. */
  readonly run: Run | undefined;
}

/** One that never began, because another run of the sync was alive, does not count: asked again, it is another. */
export async function findKeyedRun(ledger: Pick<RunStore, 'readRun'>, scope: string, key: string): Promise<KeyedRun> {
  for (let attempt = 0; ; attempt++) {
    const id = idOf(`${scope}\n${attempt}\n${key}`);
    const run = await ledger.readRun(id);
    const neverBegan = run?.state === 'abandoned' && run.startedAt === undefined;
    if (!neverBegan || attempt === MAX_TRIES) return { id, run };
  }
}

function idOf(text: string): string {
  const bytes = createHash('sha256').update(text).digest().subarray(0, LENGTH);
  return `r_${[...bytes].map((byte) => ALPHABET[byte % ALPHABET.length] ?? '').join('')}`;
}
