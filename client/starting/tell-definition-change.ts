import { type SyncRef, syncScope } from '../../engine/ids.ts';
import type { Cli } from '../cli.ts';
import { plural, wrap } from '../output/text.ts';
import { formatAgo } from '../output/times.ts';
import { readDefinitionChange } from '../planning/definition-change.ts';

/** Says what a definition that has changed means, before it is used. @returns whether there was something to say */
export async function tellDefinitionChange(cli: Cli, ref: SyncRef, isFull: boolean): Promise<boolean> {
  const { out } = cli;
  const ledger = await cli.session.ledger();
  const resolved = (await cli.session.project()).resolve(ref.sync);
  const change = await readDefinitionChange(ledger, resolved);
  if (change === undefined) return false;
  const { source } = resolved.definition.sync;
  const { known } = await ledger.countRecords(syncScope(ref));
  const isPart = source.incremental !== undefined && !isFull;
  const effect = !change.isOfEveryRecord
    ? ''
    : isPart
      ? ` Only records that change in the source get it; all ${plural(known, 'record')} with --full.`
      : ` Up to ${plural(known, 'record')} would be updated.`;
  const text = `The definition has changed since the last run (${formatAgo(change.at, Date.now())}): ${change.parts.join('; ')}.${effect} See them first: ${cli.command(isFull ? `plan ${ref.sync} --full` : `plan ${ref.sync}`)}`;
  out.event({ event: 'definition-changed', parts: change.parts, isOfEveryRecord: change.isOfEveryRecord, known });
  out.note(`${wrap(text, out.width).join('\n')}\n`);
  return true;
}
