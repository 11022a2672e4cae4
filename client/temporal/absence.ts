import type { SyncRef } from '../../engine/ids.ts';
import { taskQueues } from '../../engine/ids.ts';
import { quoted } from '../output/text.ts';
import type { Temporal } from './connect.ts';
import { type Build, isSameBuild, readQueueWorkers } from './worker-presence.ts';

/** Why nobody does the work of a project and profile. `alive`: the builds that workers are there of. */
export type Absence =
  | { readonly kind: 'no-worker' }
  /** Of a connection that only certain workers talk to. */
  | { readonly kind: 'no-worker-of-queue'; readonly queue: string; readonly connection: string }
  /** The work goes to workers without a build, as no build is current; those that are there are of builds. */
  | { readonly kind: 'no-current-build'; readonly alive: readonly string[] }
  | { readonly kind: 'no-worker-of-build'; readonly buildId: string; readonly isPinned: boolean; readonly alive: readonly string[] };

type Place = Pick<SyncRef, 'project' | 'profile'>;

/**
 * Asks whether somebody would do the work: workers may be there, and be given none of it.
 * @param pinnedTo the build that a run is pinned to; undefined for a new run, and for one that may move
 * @returns undefined where somebody would
 */
export async function findAbsence(temporal: Temporal, { project, profile }: Place, now: number, pinnedTo: Build | undefined): Promise<Absence | undefined> {
  const { alive, served } = await readQueueWorkers(temporal, taskQueues(project, profile).workflows, now);
  if (alive.length === 0) return { kind: 'no-worker' };
  const wanted = pinnedTo === undefined ? served : [pinnedTo];
  const missing = wanted.filter((build) => !alive.some((other) => isSameBuild(build, other)));
  if (missing.length === 0) return undefined;
  const builds = [...new Set(alive.flatMap((build) => build?.buildId ?? []))].toSorted();
  const [named] = missing.flatMap((build) => build?.buildId ?? []);
  if (named === undefined) return { kind: 'no-current-build', alive: builds };
  return { kind: 'no-worker-of-build', buildId: named, isPinned: pinnedTo !== undefined, alive: builds };
}

/** What is waited for, in a few words. */
export function absenceWords(absence: Absence): string {
  switch (absence.kind) {
    case 'no-worker':
      return 'a worker';
    case 'no-worker-of-queue':
      return `a worker of the task queue ${absence.queue}`;
    case 'no-current-build':
      return 'a build to be current';
    case 'no-worker-of-build':
      return `a worker of build ${absence.buildId}`;
  }
}

/**
 * What is the matter, and what to do.
 * @param command makes a command line of words, as `syncline status`
 */
export function absenceSentence(absence: Absence, { project, profile }: Place, command: (words: string) => string): string {
  const place = `${project}/${profile}`;
  switch (absence.kind) {
    case 'no-worker':
      return `No worker is running for ${place}: start "${command('dev')}" or "${command('worker')}".`;
    case 'no-worker-of-queue': {
      const { queue, connection } = absence;
      return `No worker serves the task queue ${queue}, which ${connection} needs: where ${connection} can be reached, start "${command(`worker --queue ${queue}`)}".`;
    }
    case 'no-current-build': {
      const [last] = absence.alive.toReversed();
      return `Workers of ${builds(absence.alive)} run for ${place}, but no build is current, so they are given nothing to do. Make one current: ${command(`rollout current ${quoted(last ?? 'BUILD')}`)}`;
    }
    case 'no-worker-of-build': {
      const { buildId, isPinned, alive } = absence;
      const what = isPinned ? `The run is pinned to build ${buildId}` : `New runs of ${place} go to build ${buildId}`;
      const instead = isPinned ? `move its runs: ${command(`rollout move ${quoted(buildId)}`)}` : otherBuild(alive, command);
      const there = alive.length === 0 ? 'those that run are of no build' : `of ${builds(alive)} there are some`;
      return `${what}, and no worker of that build is running (${there}). Start one with SYNCLINE_BUILD_ID=${buildId}, or ${instead}`;
    }
  }
}

function otherBuild(alive: readonly string[], command: (words: string) => string): string {
  const [last] = alive.toReversed();
  return last === undefined ? `give builds up: ${command('rollout leave')}` : `make another current: ${command(`rollout current ${quoted(last)}`)}`;
}

function builds(ids: readonly string[]): string {
  return `${ids.length === 1 ? 'build' : 'builds'} ${ids.join(' and ')}`;
}
