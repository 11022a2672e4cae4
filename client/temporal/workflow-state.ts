import type { Payload } from '@temporalio/common';
import { z } from 'zod';
import { SyncError } from '../../engine/errors.ts';
import { formatDuration } from '../output/times.ts';
import type { Temporal } from './connect.ts';
import { findFailingTask } from './failing-task.ts';
import { SERVER_PATIENCE_MS } from './patience.ts';
import { type Build, buildOf } from './worker-presence.ts';

const attributesSchema = z.object({ message: z.string() }).catch({ message: '' });

/** What Temporal says of a workflow id: its latest execution. */
export interface WorkflowState {
  readonly isRunning: boolean;
  /** RUNNING, COMPLETED, FAILED, CANCELLED, TERMINATED, TIMED_OUT */
  readonly status: string;
  /** Unchanged by continue-as-new: which run this is. */
  readonly firstExecutionRunId: string | undefined;
  /** A step that failed and waits to be tried again, or the workflow itself, which no worker can go on with. */
  readonly retry: StepRetry | undefined;
  /** The build that it stays on; undefined where it may move, or has none. */
  readonly pinnedTo: Build | undefined;
}

export interface StepRetry {
  /** Of the attempt that comes next. */
  readonly attempt: number;
  /** Code and fixed sentence, as history may keep them. */
  readonly message: string;
  /** When that attempt is due, while it is waited for. */
  readonly dueAtMs?: number;
}

/** `waiting 9 min, then attempt 2: A limit of an API is reached: waiting.` */
export function retryWords({ attempt, message, dueAtMs = 0 }: StepRetry, now: number): string {
  const seconds = Math.ceil((dueAtMs - now) / 1_000);
  return seconds > 0 ? `waiting ${formatDuration(seconds * 1_000)}, then attempt ${attempt}: ${message}` : `trying again, attempt ${attempt}: ${message}`;
}

/** @returns undefined where the server does not know the workflow */
export async function readWorkflowState(temporal: Temporal, workflowId: string): Promise<WorkflowState | undefined> {
  const { WorkflowNotFoundError } = await import('@temporalio/client');
  try {
    const { connection } = temporal.client;
    const description = await connection.withDeadline(Date.now() + SERVER_PATIENCE_MS, () => temporal.client.workflow.getHandle(workflowId).describe());
    const { name: status } = description.status;
    return {
      isRunning: status === 'RUNNING' || status === 'CONTINUED_AS_NEW',
      status,
      firstExecutionRunId: description.raw.workflowExecutionInfo?.firstRunId ?? undefined,
      retry:
        (await findFailingTask(temporal, { workflowId, runId: description.runId }, description.raw.pendingWorkflowTask?.attempt ?? 1)) ??
        (await retryOf(temporal, description.raw.pendingActivities ?? [])),
      pinnedTo: pinnedTo(description.raw.workflowExecutionInfo?.versioningInfo),
    };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

interface PendingActivity {
  readonly attempt?: number | null;
  readonly lastFailure?: RawFailure | null;
  readonly nextAttemptScheduleTime?: { readonly seconds?: { toNumber(): number } | null } | null;
}

/** With `encodedAttributes`, the message is in those, and what stands in its place is the same for all. */
interface RawFailure {
  readonly message?: string | null;
  readonly encodedAttributes?: Payload | null;
}

/** The step that has failed most often in a row. */
async function retryOf(temporal: Temporal, pending: readonly PendingActivity[]): Promise<StepRetry | undefined> {
  const failing = pending.filter((step) => (step.attempt ?? 1) > 1 && typeof step.lastFailure?.message === 'string');
  const [worst] = failing.toSorted((one, other) => (other.attempt ?? 0) - (one.attempt ?? 0));
  if (worst === undefined) return undefined;
  const message = (await messageOf(temporal, worst.lastFailure ?? {})).replace(' Details: syncline show.', '');
  const dueAt = worst.nextAttemptScheduleTime?.seconds?.toNumber();
  return { attempt: worst.attempt ?? 1, message, ...(dueAt === undefined ? {} : { dueAtMs: dueAt * 1_000 }) };
}

/** Where it cannot be read, why. */
async function messageOf({ client }: Temporal, { message, encodedAttributes }: RawFailure): Promise<string> {
  if (encodedAttributes === null || encodedAttributes === undefined) return message ?? '';
  const { payloadCodecs, payloadConverter } = client.options.loadedDataConverter;
  try {
    let payloads = [encodedAttributes];
    for (const codec of payloadCodecs) payloads = await codec.decode(payloads);
    const [payload] = payloads;
    return attributesSchema.parse(payload === undefined ? undefined : payloadConverter.fromPayload(payload)).message;
  } catch (error) {
    if (error instanceof SyncError) return error.message;
    throw error;
  }
}

interface VersioningInfo {
  readonly behavior?: number | null;
  readonly deploymentVersion?: Parameters<typeof buildOf>[0];
  /** Goes before what its worker says. */
  readonly versioningOverride?: { readonly autoUpgrade?: boolean | null; readonly pinned?: { readonly version?: Parameters<typeof buildOf>[0] } | null } | null;
}

const PINNED = 1;

function pinnedTo(versioning: VersioningInfo | null | undefined): Build | undefined {
  const override = versioning?.versioningOverride;
  if (override?.pinned) return buildOf(override.pinned.version);
  return versioning?.behavior === PINNED && override?.autoUpgrade !== true ? buildOf(versioning.deploymentVersion) : undefined;
}
