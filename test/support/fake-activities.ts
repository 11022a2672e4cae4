import type {
  Activities,
  GraphPlan,
  PageSourceResult,
  ReferenceCount,
  RunPlan,
  SegmentInput,
  SendAlertsResult,
  SendResultsResult,
  SettleRunInput,
  SweepDeletesResult,
  WriteBatchesResult,
} from '../../activities/activities.ts';
import type { SyncRef } from '../../engine/ids.ts';
import { ZERO_TOTALS } from '../../engine/outcome.ts';
import type { RunControl } from '../../engine/run.ts';
import type { SlotPriority } from '../../engine/slot-priority.ts';

/** What a test wants of the steps; everything else is the plain good case. */
export interface FakeSteps {
  readonly segments: number;
  readonly hasLookups?: boolean;
  readonly maxSegmentsPerExecution?: number;
  /** @default 5 s */
  readonly heartbeatTimeoutMs?: number;
  readonly slots?: (ref: SyncRef) => SlotPriority;
  readonly takesAway?: boolean;
  readonly sweepDeletes?: (isApproved: boolean) => Promise<SweepDeletesResult | undefined>;
  /** The target is read back at the end. */
  readonly reconciliation?: RunPlan['reconciliation'];
  /** What is found there. @default nothing */
  readonly found?: { readonly missing?: number; readonly changed?: number };
  readonly graph?: GraphPlan['steps'];
  /** What a count of waiting records finds, the first one being number 1. */
  readonly references?: (sync: string, count: number) => Partial<ReferenceCount>;
  /** What becomes of alerts; absent: there are none. */
  readonly notify?: () => Promise<void>;
  readonly sendAlerts?: () => Promise<SendAlertsResult>;
  /** What becomes of results; absent: nobody wants them. */
  readonly sendResults?: () => Promise<SendResultsResult>;
  /** Of a run of events. */
  readonly lingerMs?: number;
  readonly pageSource?: (input: SegmentInput, call: number) => Promise<PageSourceResult | undefined>;
  readonly writeBatches?: (input: SegmentInput, call: number) => Promise<WriteBatchesResult | undefined>;
}

/** Activities that move nothing and remember the order in which they were asked. */
export function fakeActivities(steps: FakeSteps): { readonly activities: Activities; readonly calls: string[] } {
  const calls: string[] = [];
  let control: RunControl = { paused: false };
  let reads = 0;
  let writes = 0;
  let counts = 0;
  const activities: Activities = {
    planRun: async ({ ref }) => {
      calls.push('plan');
      return {
        definitionHash: 'hash',
        hasLookups: steps.hasLookups ?? false,
        takesAway: steps.takesAway ?? false,
        ...(steps.reconciliation === undefined ? {} : { reconciliation: steps.reconciliation }),
        maxSegmentsPerExecution: steps.maxSegmentsPerExecution ?? 300,
        ...(steps.lingerMs === undefined ? {} : { lingerMs: steps.lingerMs }),
        ...(steps.slots === undefined ? {} : { slots: steps.slots(ref) }),
        heartbeatTimeoutMs: steps.heartbeatTimeoutMs ?? 5_000,
        source: 'crm contacts',
        target: 'hubspot contacts',
      };
    },
    fetchLookups: async () => {
      calls.push('lookups');
      return { entries: {} };
    },
    pageSource: async (input) => {
      reads += 1;
      calls.push(`read ${input.segment}`);
      return (await steps.pageSource?.(input, reads)) ?? { state: 'closed', isLast: input.segment === steps.segments - 1, totals: ZERO_TOTALS };
    },
    writeBatches: async (input) => {
      writes += 1;
      calls.push(`write ${input.segment}`);
      return (await steps.writeBatches?.(input, writes)) ?? { state: 'drained' };
    },
    sweepDeletes: async ({ isApproved }) => {
      calls.push(`sweep${isApproved ? ' approved' : ''}`);
      return (await steps.sweepDeletes?.(isApproved)) ?? { state: 'none', due: 0 };
    },
    denyDeletes: async () => void calls.push('deny deletes'),
    reconcile: async () => {
      calls.push('reconcile');
      return { checked: 0, found: { missing: 0, changed: 0, duplicated: 0, extra: 0, stale: 0, ...steps.found } };
    },
    stageRepairs: async () => {
      calls.push('stage repairs');
      return steps.segments;
    },
    planGraph: async () => {
      calls.push('plan graph');
      return { steps: steps.graph ?? [] };
    },
    countReferences: async ({ syncs }) => {
      calls.push('count references');
      counts += 1;
      return syncs.map((sync) => ({ sync, due: 0, open: 0, ...steps.references?.(sync, counts) }));
    },
    findTickWindow: async () => undefined,
    wakeSyncs: async () => {
      calls.push('wake syncs');
      return 0;
    },
    judgeSchedule: async () => void calls.push('judge schedule'),
    abortSegment: async ({ segment }) => {
      calls.push(`abort ${segment}`);
    },
    adjustRun: async (input) => {
      control = { ...control, ...input.control };
      calls.push(`adjust ${JSON.stringify(input.control)}`);
      return control;
    },
    settleRun: async ({ ending, failure }: SettleRunInput) => {
      calls.push(`settle ${ending}`);
      return {
        state: ending,
        totals: ZERO_TOTALS,
        ...(steps.notify === undefined ? {} : { isToNotify: true as const }),
        ...(steps.sendResults === undefined ? {} : { hasResults: true as const }),
        ...(failure === undefined ? {} : { failure }),
      };
    },
    sendResults: async () => {
      calls.push('send results');
      return (await steps.sendResults?.()) ?? { isDone: true };
    },
    watchAlerts: async () => void calls.push('watch'),
    sendAlerts: async () => {
      calls.push('send alerts');
      return (await steps.sendAlerts?.()) ?? {};
    },
    notify: async () => {
      calls.push('notify');
      await steps.notify?.();
    },
  };
  return { activities, calls };
}
