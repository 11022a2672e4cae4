import { assertNever } from '../../engine/assert-never.ts';
import type { Run } from '../../ledger/ledger.ts';
import type { GraphSync } from '../../workflows/contract.ts';
import { formatCount } from '../output/numbers.ts';
import { clean, cut, pad, plural, textWidth } from '../output/text.ts';
import type { Theme } from '../output/theme.ts';
import { stateLabel } from '../reports/run-state.ts';
import { absenceWords } from '../temporal/absence.ts';
import type { GraphSnapshot } from './follow-graph.ts';
import { phaseWords, workCounts } from './run-snapshot.ts';

/** A line for each sync: its state, then what it has done; cut where it is wider than `width`. */
export function graphLines(snapshot: GraphSnapshot, theme: Theme, { width = Number.POSITIVE_INFINITY, spinner = '●' } = {}): readonly string[] {
  const { syncs } = snapshot.progress;
  const rows = syncs.map((sync) => ({ name: sync.sync, state: stateWords(sync, snapshot, theme, spinner), work: workWords(sync, snapshot) }));
  const [names, states] = [Math.max(0, ...rows.map(({ name }) => textWidth(name))), Math.max(0, ...rows.map(({ state }) => textWidth(state)))];
  return rows.map(({ name, state, work }) => {
    const rest = cut(clean(work), Math.max(0, width - names - states - 8));
    return `  ${pad(theme.strong(name), names)}  ${pad(state, states)}${rest === '' ? '' : `  ${rest}`}`.trimEnd();
  });
}

/** The state of a sync in words, with its mark. */
function stateWords({ runId, state }: GraphSync, snapshot: GraphSnapshot, theme: Theme, spinner: string): string {
  const run = runId === undefined ? undefined : snapshot.runs.get(runId);
  switch (state) {
    case 'waiting':
      return theme.faint('○ waiting');
    case 'in-use':
      return theme.warning('⏸ in use');
    case 'running':
      if (snapshot.trouble !== undefined)
        return theme.warning(snapshot.trouble === 'no-server' ? '⏸ no server' : `⏸ waits for ${absenceWords(snapshot.trouble)}`);
      return run === undefined ? theme.good(`${spinner} starting`) : liveWords(run, snapshot, theme, spinner);
    case 'done':
      return run === undefined ? theme.good('✓ completed') : stateLabel(run, theme);
    case 'failed':
      return theme.bad('✗ failed');
    case 'skipped':
      return theme.warning('– skipped');
    case 'cancelled':
      return theme.warning('■ cancelled');
    default:
      return assertNever(state);
  }
}

function liveWords(run: Run, snapshot: GraphSnapshot, theme: Theme, spinner: string): string {
  if (run.sweep?.state === 'waiting' || run.state === 'paused') return stateLabel(run, theme);
  if (snapshot.progress.phase === 'references') return theme.good(`${spinner} setting references`);
  return theme.good(`${spinner} ${phaseWords({ run, sync: '', now: snapshot.now, perSecond: undefined, trouble: undefined, retry: undefined })}`);
}

/** What a sync has done, or why it does nothing. */
function workWords({ after, because, runId, secondRuns, state, openReferences }: GraphSync, { runs, progress }: GraphSnapshot): string {
  if (state === 'waiting') return after.length === 0 ? '' : `for ${after.filter((other) => !isOver(progress.syncs, other)).join(', ')}`;
  if (state === 'in-use') return 'another run of it is alive: its end is waited for';
  const run = runId === undefined ? undefined : runs.get(runId);
  const counts = run === undefined ? [] : workCounts(run.totals).map(([name, count]) => `${formatCount(count)} ${name}`);
  if (run !== undefined && counts.length === 0 && state === 'done') counts.push('nothing to do');
  const referring = secondRuns.reduce((sum, id) => sum + (runs.get(id)?.totals.written ?? 0), 0);
  if (referring > 0) counts.push(`${plural(referring, 'reference')} set`);
  if (openReferences > 0) counts.push(`${formatCount(openReferences)} waiting for references`);
  return [...(because === undefined ? [] : [because]), counts.join(', '), state === 'done' ? (runId ?? '') : ''].filter((part) => part !== '').join('  ');
}

function isOver(syncs: readonly GraphSync[], name: string): boolean {
  return syncs.some(({ sync, state }) => sync === name && state === 'done');
}
