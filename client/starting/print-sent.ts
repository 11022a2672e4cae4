import { type SyncRef, syncScope } from '../../engine/ids.ts';
import type { Run } from '../../ledger/ledger.ts';
import type { Cli } from '../cli.ts';
import { clean, wrap } from '../output/text.ts';
import { type RecordStory, readStory, storyDocument } from '../reports/read-story.ts';
import { renderValues } from '../reports/record-story.ts';

const MOST = 20;

/** For a run of a few records: each one with what was sent, field by field, and its link in the target. */
export async function printSent(cli: Cli, ref: SyncRef, run: Run): Promise<void> {
  const keys = run.options.keys ?? (await (await cli.session.ledger()).listRunKeys(syncScope(ref), run.id, MOST));
  for (const key of keys.slice(0, MOST)) {
    const story = await readStory(cli, ref, { key });
    const taken = story?.history.lastSeenRun === run.id ? story : undefined;
    cli.out.event({ event: 'record', key, ...(taken === undefined ? absence(run).found : { found: true, record: storyDocument(taken) }) });
    cli.out.print(`\n${taken === undefined ? `${cli.out.theme.warning('?')} key ${clean(key)}  ${absence(run).words}` : describe(cli, taken)}`);
  }
  if (keys.length > MOST) cli.out.print(`\n  and ${keys.length - MOST} more`);
}

/** What it means that a run has not seen a record that it was asked for: one that ended early may not have come to it. */
export function absence({ state }: Pick<Run, 'state'>): { readonly words: string; readonly found: { readonly found?: false } } {
  const hasReadAll = state === 'completed' || state === 'completed-with-rejections';
  return hasReadAll ? { words: 'the source has no such record', found: { found: false } } : { words: 'not read: the run ended before that', found: {} };
}

function describe(cli: Cli, { history: { state }, url, hint }: RecordStory): string {
  const { theme, width } = cli.out;
  const key = clean(state.key);
  if (state.lastOutcome === 'rejected') {
    const { rejection } = state;
    const advice = hint === undefined ? [] : wrap(`→ ${hint}`, width - 4).map((line) => `    ${theme.link(line)}`);
    return [
      `${theme.bad('✗')} key ${key}  ${theme.bad('rejected')}: ${rejection?.field === undefined ? '' : `${rejection.field}: `}${clean(rejection?.message ?? '')}`,
      ...advice,
    ].join('\n');
  }
  const target = state.targetId === undefined ? '' : ` as ${clean(state.targetId)}`;
  const head = `${theme.good('✓')} key ${key}  ${state.lastOutcome ?? 'on its way'}${target}${url === undefined ? '' : `  ${theme.link(url)}`}`;
  return state.fields === undefined ? head : `${head}\n${renderValues(state.fields, theme, 4)}`;
}
