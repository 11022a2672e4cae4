import { SyncError } from '../engine/errors.ts';
import { mergeShapes, type Shape } from '../engine/shape.ts';
import { ShapeMeter } from '../engine/shape-meter.ts';
import { wordsOfFinding } from '../engine/shape-words.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { findSegmentDrift, tellsShape } from './judge-shape.ts';
import type { ReadPage } from './read-page.ts';
import type { RunContext } from './run-context.ts';

/** Counts what the records of one segment look like, as they are staged. */
export class SegmentShape {
  readonly #meter: ShapeMeter | undefined;
  /** Of pages that were not read again. */
  #remembered: readonly Shape[] = [];

  private constructor(meter: ShapeMeter | undefined) {
    this.#meter = meter;
  }

  /** Goes on where the last committed page has left it. */
  static async resume({ ledger }: ActivityDependencies, { run, used }: RunContext, segment: number): Promise<SegmentShape> {
    if (!tellsShape(run)) return new SegmentShape(undefined);
    const known = await ledger.readSegmentShape(run.id, segment);
    return new SegmentShape(
      new ShapeMeter(
        known,
        used.map(({ path }) => path),
      ),
    );
  }

  /** @returns what is to be committed with the page */
  add(page: ReadPage): { readonly shape?: Shape } {
    if (this.#meter === undefined || page.isRetry === true) return {};
    for (const { fields } of page.records) this.#meter.observe(fields);
    if (page.remembered !== undefined) this.#remembered = [mergeShapes([...this.#remembered, page.remembered.shape])];
    return { shape: mergeShapes([this.#meter.shape(), ...this.#remembered]) };
  }
}

/**
 * With `drift: stop`, before anything of a segment may be written.
 * @throws SCHEMA_DRIFT
 */
export async function refuseDrift(dependencies: ActivityDependencies, context: RunContext, segment: number, isLast: boolean): Promise<void> {
  if (context.definition.drift !== 'stop' || !tellsShape(context.run)) return;
  const drift = await findSegmentDrift(dependencies, context, segment, isLast);
  if (drift.length === 0) return;
  const written = segment === 0 ? 'Nothing has been written.' : `Of segment ${segment}, and after it, nothing has been written.`;
  const found = drift.map(wordsOfFinding).join('; ');
  const next = `If that is to be so, accept it with "syncline run ${context.definition.ref.sync} --accept-drift"; else mend the source and run again.`;
  throw new SyncError({ code: 'SCHEMA_DRIFT', retry: 'never', message: `${context.sourceName} has changed: ${found}. ${written} ${next}` });
}
