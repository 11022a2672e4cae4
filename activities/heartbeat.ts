import { Context } from '@temporalio/activity';
import { z } from 'zod';
import { SyncError } from '../engine/errors.ts';
import type { ActivityDependencies } from './dependencies.ts';

/** A hint for people reading the Web UI; the ledger is the authority on where a step resumes. */
const heartbeatSchema = z.object({ segment: z.number().int(), done: z.number().int() });
type HeartbeatDetail = z.output<typeof heartbeatSchema>;

/** The last attempt's hint, if it left a readable one. */
function lastHeartbeat(): HeartbeatDetail | undefined {
  return heartbeatSchema.safeParse(Context.current().info.heartbeatDetails).data;
}

/** Whether an attempt still beats in time. One that stood still for longer than its heartbeat time-out is lost for good: its work was given to another. */
export class Pulse {
  readonly #now: () => number;
  readonly #timeoutMs: number;
  #lastBeatAt: number;
  #isLost = false;

  constructor({ now, heartbeatTimeoutMs }: Pick<ActivityDependencies, 'now' | 'heartbeatTimeoutMs'>) {
    this.#now = now;
    this.#timeoutMs = heartbeatTimeoutMs;
    this.#lastBeatAt = now();
  }

  get isLost(): boolean {
    this.#isLost ||= this.#now() - this.#lastBeatAt > this.#timeoutMs;
    return this.#isLost;
  }

  /** @returns false where it comes too late: then nobody is told */
  beat(): boolean {
    if (this.isLost) return false;
    this.#lastBeatAt = this.#now();
    return true;
  }

  /** @throws SyncError CLAIM_LOST */
  throwIfLost(): void {
    if (!this.isLost) return;
    const message = 'This attempt stood still for longer than its heartbeat time-out: another one goes on, and it does nothing more.';
    throw new SyncError({ code: 'CLAIM_LOST', retry: { afterMs: 100 }, message });
  }
}

/**
 * Runs `work` while a timer beats, three times within each heartbeat time-out. The beat stops with the work, however it ends.
 * @param runId of what it works for, for the log
 * @param detail undefined where there is nothing to tell of how far it is
 */
export async function whileBeating<Result>(
  dependencies: Pick<ActivityDependencies, 'log' | 'now' | 'heartbeatTimeoutMs'>,
  runId: string | undefined,
  detail: () => HeartbeatDetail | undefined,
  work: () => Promise<Result>,
  pulse = new Pulse(dependencies),
): Promise<Result> {
  const context = Context.current();
  const { attempt, activityType } = context.info;
  if (attempt > 1) dependencies.log.info({ runId, activityType, attempt, last: lastHeartbeat() }, 'going on where the ledger says');
  const beat = () => {
    if (pulse.beat()) context.heartbeat(detail());
  };
  const timer = setInterval(beat, Math.max(250, dependencies.heartbeatTimeoutMs / 3));
  try {
    beat();
    return await work();
  } finally {
    clearInterval(timer);
  }
}
