import type { JsonObject } from '../../engine/json.ts';
import type { Shape } from '../../engine/shape.ts';
import { ShapeMeter } from '../../engine/shape-meter.ts';

/** What such records look like. */
export function shapeOf(records: readonly JsonObject[], watched: readonly string[] = []): Shape {
  const meter = new ShapeMeter(undefined, watched);
  for (const record of records) meter.observe(record);
  return meter.shape();
}
