import { hash } from 'node:crypto';
import { canonicalJson } from '../../engine/content-hash.ts';
import type { AuditInput } from '../audit-store.ts';
import type { ExportedRow } from '../upkeep-store.ts';

/** In the place of the hash before the first. */
export const GENESIS = '0'.repeat(64);

/** Columns of the table, in the order in which `chainedRow` gives their values. */
export const AUDIT_COLUMNS = ['n', 'at', 'actor', 'host', 'way', 'project', 'profile', 'action', 'sync', 'run_id', 'details', 'previous', 'hash'] as const;

/** The hash of an entry: SHA-256, in hex, over the canonical JSON (RFC 8785) of its columns but `hash`. What is null is left out, so that a column may be added later. */
export function hashOfRow(row: ExportedRow): string {
  const hashed = Object.entries(row).filter(([column, value]) => column !== 'hash' && value !== null);
  return hash('sha256', canonicalJson(Object.fromEntries(hashed)));
}

/** The entry that comes after `last`, as it is stored: a value for each of `AUDIT_COLUMNS`. */
export function chainedRow(input: AuditInput, last: { readonly n: number; readonly hash: string } | undefined): readonly (string | number | null)[] {
  const row: ExportedRow = {
    n: (last?.n ?? 0) + 1,
    at: Math.round(input.at),
    actor: input.user,
    host: input.host,
    way: input.way,
    project: input.project,
    profile: input.profile,
    action: input.action,
    sync: input.sync ?? null,
    run_id: input.runId ?? null,
    details: canonicalJson(input.details),
    previous: last?.hash ?? GENESIS,
  };
  const hashed: ExportedRow = { ...row, hash: hashOfRow(row) };
  return AUDIT_COLUMNS.map((column) => hashed[column] ?? null);
}
