import type { ShapeFinding } from '../engine/compare-shapes.ts';
import type { Shape } from '../engine/shape.ts';

/** What a run read looked like. */
export interface RunShape {
  readonly shape: Shape;
  /** Beside what was expected; absent where the run could not tell: it was of a few records, or did not get to its end. */
  readonly findings?: readonly ShapeFinding[];
  /** When a person said that the source is to look like that. */
  readonly acceptedAt?: number;
}

/** What the records of a source look like: names and kinds of fields, and never a value. */
export interface ShapeStore {
  /** As committed with the pages of the segment; undefined before the first, and once the run has ended. */
  readSegmentShape(runId: string, segment: number): Promise<Shape | undefined>;
  /** Of a run, also while it reads. @returns undefined where it read nothing, or long ago */
  readRunShape(runId: string): Promise<RunShape | undefined>;
  /** By run, of those that have any: the fields which the sync uses and that had changed. */
  readDrift(runIds: readonly string[]): Promise<ReadonlyMap<string, readonly ShapeFinding[]>>;
  /** What the next read of a sync is compared with; undefined before its first complete one, and where that was of another source. */
  readExpectedShape(scope: string, source: string): Promise<Shape | undefined>;
  /** Keeps the shape of a run as one, what was found, and what is expected from now on. The first call of a run wins. Of a sync, the last hundred are kept. */
  keepRunShape(input: {
    readonly runId: string;
    readonly findings?: readonly ShapeFinding[] | undefined;
    /** `source`: connection and object. */
    readonly expected?: { readonly source: string; readonly shape: Shape } | undefined;
    readonly at: number;
  }): Promise<void>;
  /** The drift that the last run of a sync which could tell has found, unless it was accepted. */
  readOpenDrift(scope: string): Promise<readonly ShapeFinding[]>;
  /** From now on that drift is expected. Idempotent. @returns what was accepted */
  acceptDrift(scope: string, at: number): Promise<readonly ShapeFinding[]>;
}
