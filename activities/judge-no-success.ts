import type { AlertRule } from '../engine/alerts.ts';
import { parseDuration } from '../engine/duration.ts';
import { type SyncRef, syncScope } from '../engine/ids.ts';
import { shownTime } from '../engine/notice.ts';
import type { ActivityDependencies } from './dependencies.ts';
import type { AlertSubject, Finding } from './judge-standing.ts';

/** Entries of the log in which the latest pause and resumption are looked for. */
const ENTRIES_LOOKED_AT = 200;

/**
 * Judges that no run has gone well for some time: since the last one that did, and of a sync that never had one, since its schedule was applied or it was first run. One that a
 * person has paused tells nothing, and begins anew when it goes on; one that was paused by itself, as its runs failed, is as good as one that fails.
 */
export async function judgeNoSuccess(dependencies: ActivityDependencies, rule: AlertRule, { definition, at }: AlertSubject): Promise<Finding> {
  const { ledger, findSchedule } = dependencies;
  const { ref } = definition;
  const scope = syncScope(ref);
  const forMs = parseDuration(rule.for ?? '') ?? 0;
  const { lastGoodAt, firstAt } = await ledger.readSuccess(scope);
  if (lastGoodAt !== undefined && at - lastGoodAt < forMs) return { verdict: 'closes' };
  const [latest] = await ledger.listRuns(scope, 1, 'live');
  if (latest?.state === 'paused') return { verdict: 'stays' };
  const schedule = await findSchedule(ref);
  const { isPausedByItself, resumedAt } = await readPauses(dependencies, ref);
  if (schedule?.isPaused === true && !isPausedByItself) return { verdict: 'stays' };
  const begun = schedule?.createdAt ?? firstAt;
  const since = Math.max(lastGoodAt ?? begun ?? at, schedule?.createdAt ?? 0, resumedAt ?? 0);
  if (at - since < forMs) return { verdict: 'stays' };
  const what =
    lastGoodAt === undefined
      ? `It has never had a run that went well, and is there since ${shownTime(begun ?? at)}, longer than ${rule.for}.`
      : `No run of it has gone well since ${shownTime(lastGoodAt)}, for longer than ${rule.for}.`;
  return { verdict: 'opens', what };
}

/** Of its schedule, by the log. */
async function readPauses({ ledger }: ActivityDependencies, { project, profile, sync }: SyncRef) {
  const entries = await ledger.listAudit({ project, profile, sync, limit: ENTRIES_LOOKED_AT });
  return {
    isPausedByItself: entries.find(({ action }) => action === 'schedule.paused')?.way === 'worker',
    resumedAt: entries.find(({ action }) => action === 'schedule.resumed')?.at,
  };
}
