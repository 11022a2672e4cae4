import type { Target } from '../connectors/ports.ts';
import type { BatchLimits } from './batch-limits.ts';
import type { ActivityDependencies } from './dependencies.ts';
import type { Pulse } from './heartbeat.ts';
import type { PoisonWatch } from './poison.ts';
import type { RequestMeter } from './request-meter.ts';
import type { RunContext } from './run-context.ts';
import type { UnknownWrites } from './unknown-writes.ts';

/** What one attempt of a writer sends its batches with. */
export interface SenderParts {
  readonly dependencies: ActivityDependencies;
  readonly context: RunContext;
  readonly target: Target;
  readonly meter: RequestMeter;
  readonly unknown: UnknownWrites;
  readonly limits: BatchLimits;
  readonly poison: PoisonWatch;
  readonly pulse: Pulse;
}
