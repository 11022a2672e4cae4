import type { ExportedRow, UpkeepStore } from '../upkeep-store.ts';
import { GENESIS, hashOfRow } from './chain.ts';

const PAGE = 1_000;

/** What is wrong with a log, and with which entry. */
export interface AuditBreak {
  /**
   * `altered`: it is not what its hash was made of. `removed`: it is not there. `replaced`: the entry after it was written after another one. `inserted`: it has no place in
   * the log. `unknown-head`: the entry that was noted is not there, `n` is the last that is.
   */
  readonly what: 'altered' | 'removed' | 'replaced' | 'inserted' | 'unknown-head';
  readonly n: number;
}

export interface AuditVerdict {
  /** Those before the break, or all. */
  readonly whole: number;
  readonly firstAt?: number;
  /** The last of them. */
  readonly head?: { readonly n: number; readonly hash: string; readonly at: number };
  readonly broken?: AuditBreak;
}

interface Link {
  readonly n: number;
  readonly hash: string;
  readonly at: number;
}

/**
 * Walks the log from its first entry: each must have the hash that is made of it, and that of the one before.
 * @param noted the hash of an entry, noted elsewhere at some time: what has been cut off at the end, or written anew from end to end, shows in no other way
 */
export async function verifyAudit(ledger: Pick<UpkeepStore, 'exportRows'>, noted?: string): Promise<AuditVerdict> {
  let whole = 0;
  let first: Link | undefined;
  let head: Link | undefined;
  let isNotedMet = noted === undefined;
  const verdict = (broken?: AuditBreak): AuditVerdict => ({
    whole,
    ...(first === undefined ? {} : { firstAt: first.at }),
    ...(head === undefined ? {} : { head }),
    ...(broken === undefined ? {} : { broken }),
  });
  for await (const row of rowsOf(ledger)) {
    const broken = breakAt(row, head);
    if (broken !== undefined) return verdict(broken);
    head = linkOf(row);
    first ??= head;
    whole += 1;
    isNotedMet ||= head.hash === noted;
  }
  return verdict(isNotedMet ? undefined : { what: 'unknown-head', n: head?.n ?? 0 });
}

async function* rowsOf(ledger: Pick<UpkeepStore, 'exportRows'>): AsyncGenerator<ExportedRow> {
  for (let after: ExportedRow | undefined, isLast = false; !isLast; ) {
    const rows = await ledger.exportRows('audit', after, PAGE);
    yield* rows;
    after = rows.at(-1);
    isLast = rows.length < PAGE;
  }
}

/** What is wrong with an entry that comes after `before`. */
function breakAt(row: ExportedRow, before: Link | undefined): AuditBreak | undefined {
  const { n } = linkOf(row);
  const expected = (before?.n ?? 0) + 1;
  if (n < expected) return { what: 'inserted', n };
  if (n > expected) return { what: 'removed', n: expected };
  if (hashOfRow(row) !== row['hash']) return { what: 'altered', n };
  if (row['previous'] === (before?.hash ?? GENESIS)) return undefined;
  return before === undefined ? { what: 'altered', n } : { what: 'replaced', n: before.n };
}

function linkOf(row: ExportedRow): Link {
  return { n: Number(row['n']), hash: String(row['hash']), at: Number(row['at']) };
}
