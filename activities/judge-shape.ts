import { LEAVING_USES } from '../definition/used-by-sync.ts';
import { compareShapes, isDrift, LEAST_RECORDS, type ShapeFinding, stillOpen } from '../engine/compare-shapes.ts';
import { isAside } from '../engine/run.ts';
import type { Shape } from '../engine/shape.ts';
import type { Run } from '../ledger/ledger.ts';
import type { ActivityDependencies } from './dependencies.ts';
import type { RunContext } from './run-context.ts';

/** Whether what a run reads says anything of its source: a few chosen records do not. */
export function tellsShape({ options }: Pick<Run, 'options'>): boolean {
  return !isAside(options);
}

/** Everything is read, and not only what has changed. */
export function readsWhole({ window }: Pick<Run, 'window'>): boolean {
  return window.from === undefined && window.to === undefined;
}

/** What all that a run has read shows beside what was expected, and what earlier runs found that it does not refute; undefined where it cannot tell. */
export async function findShapeChanges(dependencies: ActivityDependencies, context: RunContext): Promise<readonly ShapeFinding[] | undefined> {
  if (!tellsShape(context.run)) return undefined;
  const seen = (await dependencies.ledger.readRunShape(context.run.id))?.shape;
  return seen === undefined ? undefined : compare(dependencies, context, seen, readsWhole(context.run));
}

/**
 * What one segment shows, before anything of it may be written: by itself, or with those before it where it is small. The last one completes the read, which shows more.
 */
export async function findSegmentDrift(
  dependencies: ActivityDependencies,
  context: RunContext,
  segment: number,
  isLast: boolean,
): Promise<readonly ShapeFinding[]> {
  const { ledger } = dependencies;
  const { run } = context;
  const own = await ledger.readSegmentShape(run.id, segment);
  if (own === undefined || own.records === 0) return [];
  const seen = own.records < LEAST_RECORDS ? ((await ledger.readRunShape(run.id))?.shape ?? own) : own;
  const ofSegment = (await compare(dependencies, context, seen, false)).filter(isDrift);
  const ofAll = isLast ? ((await findShapeChanges(dependencies, context)) ?? []).filter(isDrift) : [];
  return [...ofAll, ...ofSegment.filter(({ field }) => ofAll.every((finding) => finding.field !== field))];
}

/** Whether a field has changed by which a record is to leave the target. */
export async function hasLeavingDrift(dependencies: ActivityDependencies, context: RunContext): Promise<boolean> {
  const drift = ((await findShapeChanges(dependencies, context)) ?? []).filter(isDrift);
  return drift.some(({ uses }) => uses.some((use) => LEAVING_USES.includes(use)));
}

async function compare({ ledger }: ActivityDependencies, context: RunContext, seen: Shape, isWhole: boolean): Promise<readonly ShapeFinding[]> {
  const { scope, sourceName, used, definition } = context;
  const expected = await ledger.readExpectedShape(scope, sourceName);
  if (expected === undefined || definition.drift === 'ignore') return [];
  const found = compareShapes({ expected, seen, isWhole, used });
  const earlier = stillOpen(await ledger.readOpenDrift(scope), { seen, used });
  return [...found, ...earlier.filter(({ field }) => found.every((finding) => finding.field !== field))];
}
