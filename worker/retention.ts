import type { Logger } from 'pino';
import type { AuditSource, Ledger } from '../ledger/ledger.ts';
import type { Keeping } from './project.ts';

/** Soon after the start: a worker that never lives long forgets, too. */
const FIRST_MS = 60_000;
const EVERY_MS = 6 * 3_600_000;

export interface RetentionParts {
  readonly ledger: Pick<Ledger, 'pruneSamples' | 'pruneAudit' | 'appendAudit'>;
  readonly keeping: Keeping;
  readonly actor: AuditSource;
  readonly log: Logger;
  readonly now: () => number;
}

/** Forgets, now and then, what `retention` says is kept no longer. Several workers may do so at once. @returns what stops it */
export function startRetention(parts: RetentionParts): () => void {
  const forget = () => void forgetOld(parts).catch((error: unknown) => parts.log.warn({ error }, 'what is too old could not be forgotten'));
  let timer = setTimeout(() => {
    forget();
    timer = setInterval(forget, EVERY_MS).unref();
  }, FIRST_MS).unref();
  return () => clearTimeout(timer);
}

/** Once. */
export async function forgetOld({ ledger, keeping, actor, log, now }: RetentionParts): Promise<void> {
  const { samplesMs, auditMs } = keeping;
  const samples = await ledger.pruneSamples(now() - samplesMs);
  if (samples > 0) log.info({ samples }, 'samples of requests were forgotten');
  if (auditMs === undefined) return;
  const before = now() - auditMs;
  const pruned = await ledger.pruneAudit(before);
  if (pruned.changes + pruned.verdicts + pruned.batches === 0) return;
  const details = { before: new Date(before).toISOString().slice(0, 10), ...pruned };
  await ledger.appendAudit({ ...actor, at: now(), action: 'ledger.pruned', details });
  log.info(details, 'the audit trail of before was forgotten');
}
