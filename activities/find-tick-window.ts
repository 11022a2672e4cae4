import { getClient } from '@temporalio/activity';
import Long from 'long';
import { windowKind } from '../definition/window-kind.ts';
import { atCursorInstant, cursorInstant } from '../engine/cursor-value.ts';
import { scheduleId, syncScope } from '../engine/ids.ts';
import type { FindTickWindowInput, TickWindow } from './activities.ts';
import type { ActivityDependencies } from './dependencies.ts';

const HOUR_MS = 3_600_000;
/** How far back the tick before is looked for, in ever larger steps. */
const LOOK_BACK_MS = [HOUR_MS, 25 * HOUR_MS, 8 * 24 * HOUR_MS, 32 * 24 * HOUR_MS, 400 * 24 * HOUR_MS];

/** From the tick before to this one; see `Activities.findTickWindow`. */
export async function findTickWindow(dependencies: ActivityDependencies, { ref, dueAt }: FindTickWindowInput): Promise<TickWindow | undefined> {
  const { definition } = await dependencies.loadSync(ref.sync);
  const watermark = await dependencies.ledger.readWatermark(syncScope(ref));
  const readTo = watermark === undefined ? undefined : cursorInstant(watermark.value);
  const due = Date.parse(dueAt);
  if (watermark === undefined || readTo === undefined || windowKind(definition) === undefined || due > readTo) return undefined;
  const before = await findTickBefore(scheduleId(ref), due);
  if (before === undefined) return undefined;
  return { from: atCursorInstant(watermark.value, before), to: atCursorInstant(watermark.value, due) };
}

/** The server tells when runs begin: by the jitter of the schedule after they are due at the latest. So much more is read, rather than left out between two windows. */
async function findTickBefore(id: string, due: number): Promise<number | undefined> {
  const { namespace } = getClient().options;
  const { jitter: jitterMs = 0 } = (await getClient().schedule.getHandle(id).describe()).spec;
  for (const lookBackMs of LOOK_BACK_MS) {
    const { startTime } = await getClient().workflowService.listScheduleMatchingTimes({
      namespace,
      scheduleId: id,
      startTime: timestamp(due - lookBackMs),
      endTime: timestamp(due - 1),
    });
    const last = startTime.at(-1);
    if (last !== undefined) return Number(last.seconds ?? 0) * 1_000 + Math.floor((last.nanos ?? 0) / 1e6) - jitterMs;
  }
  return undefined;
}

function timestamp(ms: number) {
  return { seconds: Long.fromNumber(Math.floor(ms / 1_000)), nanos: (ms % 1_000) * 1e6 };
}
