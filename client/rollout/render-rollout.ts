import { renderTable } from '../output/table.ts';
import { clean, plural, quoted } from '../output/text.ts';
import type { Theme } from '../output/theme.ts';
import type { Rollout, RolloutBuild } from './read-rollout.ts';

/** One line for each build, and what is to be done about it. */
export function renderRollout(rollout: Rollout, theme: Theme, command: (words: string) => string): string {
  const { deployment, builds, plainWorkers } = rollout;
  if (builds.length === 0) {
    return `The workers are of no build (${plural(plainWorkers, 'worker')} running). With SYNCLINE_BUILD_ID they take part in versioning: see "Rolling out a change" in docs/operating.md.`;
  }
  const plainPercent = 100 - builds.reduce((sum, { percent }) => sum + percent, 0);
  const rows = [
    ...builds.map((build) => [clean(build.buildId), `${build.percent} %`, String(build.workers), runsWords(build)]),
    ...(plainPercent > 0 || plainWorkers > 0 ? [['none', `${plainPercent} %`, String(plainWorkers), '']] : []),
  ];
  const table = renderTable(
    [{ title: 'Build' }, { title: 'New runs', align: 'right' }, { title: 'Workers', align: 'right' }, { title: 'Runs alive' }],
    rows,
    theme,
  );
  const remarks = [
    ...builds.flatMap((build) => remark(build, theme, command)),
    ...(plainPercent > 0 && plainWorkers === 0
      ? [
          theme.warning(
            `${plainPercent === 100 ? 'No build is current' : `${plainPercent} % of the new runs go to workers without a build`}, and there are no workers without one: new runs wait.`,
          ),
        ]
      : []),
  ];
  return [theme.strong(clean(deployment)), '', table, ...(remarks.length === 0 ? [] : ['', ...remarks])].join('\n');
}

function runsWords({ pinned, movable }: RolloutBuild): string {
  return [...(pinned.length > 0 ? [`${pinned.length} pinned`] : []), ...(movable.length > 0 ? [`${movable.length} may move`] : [])].join(', ') || 'none';
}

function remark({ buildId, percent, hasServed, workers, pinned, movable }: RolloutBuild, theme: Theme, command: (words: string) => string): readonly string[] {
  const build = `Build ${clean(buildId)}`;
  const stay = `${plural(pinned.length, 'pinned run')}: ${pinned.join(', ')}`;
  if (workers === 0 && percent > 0)
    return [theme.warning(`${build} is given new runs and has no worker: they wait. Start one, or make another build current.`)];
  if (workers === 0 && pinned.length > 0)
    return [theme.warning(`${build} has no worker for ${stay}. Start one, or: ${command(`rollout move ${quoted(buildId)}`)}`)];
  if (workers === 0 || percent > 0) return [];
  if (pinned.length > 0) return [`${build} is needed for ${stay}`];
  if (!hasServed) return [`${build} is given nothing yet: ${command(`rollout current ${quoted(buildId)}`)}`];
  return movable.length > 0 ? [] : [theme.faint(`${build} has nothing to do any more: its workers may be stopped.`)];
}
