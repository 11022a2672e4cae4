import { isDrift, type ShapeFinding } from '../engine/compare-shapes.ts';
import type { ErrorCode } from '../engine/errors.ts';
import { nextExpected } from '../engine/expected-shape.ts';
import type { RunState } from '../engine/run.ts';
import type { Run } from '../ledger/ledger.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { findSegmentDrift, findShapeChanges, readsWhole } from './judge-shape.ts';
import { openRunContext, type RunContext } from './run-context.ts';

/** How a run ended. */
export interface ShapeEnd {
  readonly state: RunState;
  readonly code: ErrorCode | undefined;
  readonly lastSegment: number;
}

/**
 * Keeps what a run read looks like, what it shows beside what was expected, and, of a complete one, what is expected from now on. Idempotent.
 * @returns whether a field that the sync uses has changed
 */
export async function keepShape(dependencies: ActivityDependencies, run: Run, end: ShapeEnd): Promise<boolean> {
  const { ledger, now } = dependencies;
  const kept = await ledger.readRunShape(run.id);
  if (kept === undefined || run.definitionHash === undefined) return false;
  if (kept.findings !== undefined) return kept.findings.some(isDrift);
  const context = await openRunContext(dependencies, run.id);
  const isComplete = end.state === 'completed' || end.state === 'completed-with-rejections';
  const findings = isComplete ? await findShapeChanges(dependencies, context) : await refusedDrift(dependencies, context, end);
  const open = (findings ?? []).filter(isDrift);
  const expected = await ledger.readExpectedShape(run.scope, context.sourceName);
  const next = isComplete ? nextExpected({ expected, seen: kept.shape, isWhole: readsWhole(run), open }) : undefined;
  await ledger.keepRunShape({ runId: run.id, findings, expected: next === undefined ? undefined : { source: context.sourceName, shape: next }, at: now() });
  return open.length > 0;
}

/** What the reader stopped for, found again from the same shapes. */
async function refusedDrift(
  dependencies: ActivityDependencies,
  context: RunContext,
  { code, lastSegment }: ShapeEnd,
): Promise<readonly ShapeFinding[] | undefined> {
  if (code !== 'SCHEMA_DRIFT') return undefined;
  const segment = await dependencies.ledger.readSegment(context.run.id, lastSegment);
  return findSegmentDrift(dependencies, context, lastSegment, segment?.isLast === true);
}
