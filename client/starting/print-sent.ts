import { syncScope, type SyncRef } from '../../engine/ids.ts';
import type { RecordHistory, Run } from '../../ledger/ledger.ts';
import type { Cli } from '../cli.ts';
import { clean } from '../output/text.ts';
import { renderValues } from '../reports/record-story.ts';
import { targetUrl } from '../reports/target-url.ts';

const MOST = 20;

/** For a run of a few records: each one with what was sent, field by field, and its link in the target. */
export async function printSent(cli: Cli, ref: SyncRef, run: Run): Promise<void> {
  const ledger = await cli.session.ledger();
  const scope = syncScope(ref);
  const keys = run.options.keys ?? (await ledger.listRunKeys(scope, run.id, MOST));
  for (const key of keys.slice(0, MOST)) {
    const history = await ledger.readHistory(scope, { key });
    const isTaken = history?.lastSeenRun === run.id;
    const url = await targetUrl(cli, ref.sync, history?.state.targetId);
    cli.out.event({ event: 'record', key, found: isTaken, record: history?.state, url });
    cli.out.print(isTaken && history !== undefined ? describe(cli, history, url) : `\n${cli.out.theme.warning('?')} key ${clean(key)}  the source has no such record`);
  }
  if (keys.length > MOST) cli.out.print(`\n  and ${keys.length - MOST} more`);
}

function describe(cli: Cli, { state }: RecordHistory, url: string | undefined): string {
  const { theme } = cli.out;
  const link = url === undefined ? '' : `  ${theme.link(url)}`;
  if (state.lastOutcome === 'rejected') {
    const { rejection } = state;
    return `\n${theme.bad('✗')} key ${clean(state.key)}  ${theme.bad('rejected')}: ${rejection?.field === undefined ? '' : `${rejection.field}: `}${clean(rejection?.message ?? '')}`;
  }
  const target = state.targetId === undefined ? '' : ` as ${clean(state.targetId)}`;
  const head = `\n${theme.good('✓')} key ${clean(state.key)}  ${state.lastOutcome ?? 'on its way'}${target}${link}`;
  return state.fields === undefined ? head : `${head}\n${renderValues(state.fields, theme, 4)}`;
}
