import { Context } from '@temporalio/activity';
import { z } from 'zod';
import type { ActivityDependencies } from './dependencies.ts';

/** A hint for people reading the Web UI; the ledger is the authority on where a step resumes. */
const heartbeatSchema = z.object({ segment: z.number().int(), done: z.number().int() });
type HeartbeatDetail = z.output<typeof heartbeatSchema>;

/** The last attempt's hint, if it left a readable one. */
function lastHeartbeat(): HeartbeatDetail | undefined {
  return heartbeatSchema.safeParse(Context.current().info.heartbeatDetails).data;
}

/** Runs `work` while a timer beats, three times within each heartbeat time-out. The beat stops with the work, however it ends. */
export async function whileBeating<Result>(
  dependencies: ActivityDependencies,
  runId: string,
  detail: () => HeartbeatDetail,
  work: () => Promise<Result>,
): Promise<Result> {
  const context = Context.current();
  const { attempt, activityType } = context.info;
  if (attempt > 1) dependencies.log.info({ runId, activityType, attempt, last: lastHeartbeat() }, 'going on where the ledger says');
  const timer = setInterval(() => context.heartbeat(detail()), Math.max(250, dependencies.heartbeatTimeoutMs / 3));
  try {
    context.heartbeat(detail());
    return await work();
  } finally {
    clearInterval(timer);
  }
}
