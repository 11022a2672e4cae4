import { compareShapes, isDrift, LEAST_RECORDS, type ShapeFinding } from '../engine/compare-shapes.ts';
import type { Run } from '../ledger/ledger.ts';
import type { ActivityDependencies } from './dependencies.ts';
import type { RunContext } from './run-context.ts';

/** Whether what a run reads says anything of its source: a few records do not. */
export function tellsShape({ options }: Pick<Run, 'options'>): boolean {
  return options.keys === undefined && options.limit === undefined && options.plan === undefined && options.retry !== true;
}

/** Everything is read, and not only what has changed. */
export function readsWhole({ window }: Pick<Run, 'window'>): boolean {
  return window.from === undefined && window.to === undefined;
}

/** What all that a run has read shows beside what was expected; undefined where there is nothing to compare. */
export async function findShapeChanges({ ledger }: ActivityDependencies, context: RunContext): Promise<readonly ShapeFinding[] | undefined> {
  const { run, scope, used, definition } = context;
  if (!tellsShape(run)) return undefined;
  const seen = (await ledger.readRunShape(run.id))?.shape;
  if (seen === undefined) return undefined;
  const expected = await ledger.readExpectedShape(scope);
  if (expected === undefined || definition.drift === 'ignore') return [];
  return compareShapes({ expected, seen, isWhole: readsWhole(run), used });
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
  const { run, scope, used } = context;
  const own = await ledger.readSegmentShape(run.id, segment);
  const expected = await ledger.readExpectedShape(scope);
  if (own === undefined || expected === undefined) return [];
  const seen = own.records < LEAST_RECORDS ? ((await ledger.readRunShape(run.id))?.shape ?? own) : own;
  const ofSegment = compareShapes({ expected, seen, isWhole: false, used }).filter(isDrift);
  const ofAll = isLast ? ((await findShapeChanges(dependencies, context)) ?? []).filter(isDrift) : [];
  return [...ofAll, ...ofSegment.filter(({ field }) => ofAll.every((finding) => finding.field !== field))];
}
