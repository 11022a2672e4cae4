import { type SyncRef, syncScope } from '../../engine/ids.ts';
import { wordsOfFinding } from '../../engine/shape-words.ts';
import type { Cli } from '../cli.ts';
import { clean } from '../output/text.ts';

/** From now on the source is expected to be as the last run that could tell has found it: those fields, and no others. */
export async function acceptDrift(cli: Cli, ref: SyncRef): Promise<void> {
  const ledger = await cli.session.ledger();
  const accepted = await ledger.acceptDrift(syncScope(ref), Date.now());
  if (accepted.length > 0) await cli.audit.record('drift.accepted', { sync: ref.sync, details: { fields: accepted.map(({ field }) => field) } });
  cli.out.event({ event: 'drift-accepted', sync: ref.sync, changes: accepted });
  if (accepted.length === 0) cli.out.note(`There is no drift of ${ref.sync} to accept.`);
  for (const finding of accepted) cli.out.note(`Accepted: ${clean(wordsOfFinding(finding))}.`);
}
