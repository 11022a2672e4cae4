import type { Ledger, Run } from '../../ledger/ledger.ts';
import { formatDuration } from '../output/times.ts';
import { chooseStep } from '../run-page/choose-step.ts';
import { waitsAmong } from '../run-page/find-waits.ts';
import { pageSlots } from '../run-page/page-slots.ts';
import { pageSteps } from '../run-page/page-steps.ts';
import type { LogEvent } from './log-event.ts';

/** When a run that has ended stood still, as far as what it did when tells: its waits are not kept. */
export async function stoodStill(ledger: Pick<Ledger, 'readTimeline'>, run: Run): Promise<readonly LogEvent[]> {
  if (run.endedAt === undefined) return [];
  const began = run.startedAt ?? run.requestedAt;
  const stepMs = chooseStep(run.endedAt - began);
  const timeline = await ledger.readTimeline(run.id, { from: began, stepMs, slowest: 0 });
  const slots = pageSlots(timeline, stepMs, run.endedAt - began);
  return waitsAmong(pageSteps(run, timeline.segments, run.endedAt), slots, timeline, stepMs).map(({ fromMs, untilMs, reason }) => ({
    id: `stood-still ${run.id} ${fromMs}`,
    at: began + fromMs,
    event: 'stood-still',
    runId: run.id,
    text: `for ${formatDuration(untilMs - fromMs)}: ${reason}`,
    tone: 'warning',
    details: { forMs: untilMs - fromMs, reason },
  }));
}
