import { Context } from '@temporalio/activity';
import { z } from 'zod';

/** A hint for people reading the Web UI; the ledger is the authority on where a step resumes. */
export const heartbeatSchema = z.object({ segment: z.number().int(), done: z.number().int() });
export type HeartbeatDetail = z.output<typeof heartbeatSchema>;

/** The last attempt's hint, if it left a readable one. */
export function lastHeartbeat(): HeartbeatDetail | undefined {
  return heartbeatSchema.safeParse(Context.current().info.heartbeatDetails).data;
}

/** Runs `work` while a timer beats, three times within each heartbeat time-out. The beat stops with the work, however it ends. */
export async function whileBeating<Result>(heartbeatTimeoutMs: number, detail: () => HeartbeatDetail, work: () => Promise<Result>): Promise<Result> {
  const context = Context.current();
  const timer = setInterval(() => context.heartbeat(detail()), Math.max(250, heartbeatTimeoutMs / 3));
  try {
    context.heartbeat(detail());
    return await work();
  } finally {
    clearInterval(timer);
  }
}
