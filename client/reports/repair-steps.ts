import type { SyncMode } from '../../engine/outcome.ts';
import { type FindingKind, fewerThanTold } from '../../engine/reconcile.ts';
import { leftBy, repairedKinds } from '../../engine/repairs.ts';
import type { Reconciliation } from '../../ledger/drift-store.ts';

const LEFT_WORDS: Readonly<Partial<Record<FindingKind, string>>> = {
  changed: 'Mode insert writes over nothing: what others changed stays as it is.',
  missing: 'Mode update makes nothing: what is gone from the target stays so.',
};

/** What can be done about what a reconciliation found, and what cannot. @param commands that compare by record, and that run the sync */
export function repairSteps(
  { found, counts }: Pick<Reconciliation, 'found' | 'counts'>,
  mode: SyncMode,
  commands: { readonly see: string; readonly run: string },
): readonly string[] {
  const left = leftBy(mode);
  const kinds = repairedKinds(mode).filter((kind) => found[kind] > 0);
  const lines: string[] = [];
  if (left !== undefined && found[left] > 0) lines.push(LEFT_WORDS[left] ?? '');
  if (found.duplicated > 0) lines.push('Merge in the target what is there more than once.');
  if (kinds.length > 0) lines.push(`Put it right: ${kinds.every((kind) => kind === 'stale') ? commands.run : `${commands.see} --repair`}`);
  if (counts !== undefined && fewerThanTold(counts) > 0) lines.push(`See which: ${commands.see}`);
  return lines;
}
