import { getClient } from '@temporalio/activity';
import { scheduleId, syncScope } from '../engine/ids.ts';
import type { JudgeScheduleInput } from './activities.ts';
import type { ActivityDependencies } from './dependencies.ts';

export type ScheduleJudge = Pick<ActivityDependencies, 'ledger' | 'actor' | 'now' | 'findSchedule'>;

/** Pauses a schedule whose runs fail; see `Activities.judgeSchedule`. */
export async function judgeSchedule({ ledger, actor, now, findSchedule }: ScheduleJudge, input: JudgeScheduleInput): Promise<void> {
  const note = await reasonToPause(ledger, input);
  if (note === undefined) return;
  const { ref, runId, code } = input;
  // It may be removed while a run of it goes on.
  if ((await findSchedule(ref)) === undefined) return;
  await getClient().schedule.getHandle(scheduleId(ref)).pause(note);
  const details = code === undefined ? {} : { code };
  await ledger.appendAudit({ ...actor, at: now(), action: 'schedule.paused', sync: ref.sync, runId, details }, { isOncePerRun: true });
}

async function reasonToPause(
  ledger: ActivityDependencies['ledger'],
  { ref, runId, code, pauseAfterFailures }: JudgeScheduleInput,
): Promise<string | undefined> {
  const next = `then "syncline schedule resume ${ref.sync}"`;
  if (code === 'CREDENTIALS_REJECTED') return `The credentials were refused (${runId}): see "syncline show ${runId}", renew them, ${next}.`;
  if (pauseAfterFailures === undefined) return undefined;
  const runs = (await ledger.listRuns(syncScope(ref), pauseAfterFailures, 'live')).filter(({ state }) => state === 'failed' || state === 'books-open');
  if (runs.length < pauseAfterFailures) return undefined;
  return `${pauseAfterFailures} runs in a row have failed, ${runId} the last of them: see "syncline show ${runId}", mend it, ${next}.`;
}
