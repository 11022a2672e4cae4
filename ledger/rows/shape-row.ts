import { z } from 'zod';
import { isDrift, SHAPE_CHANGES, type ShapeFinding } from '../../engine/compare-shapes.ts';
import { JSON_TYPES, type Shape } from '../../engine/shape.ts';
import type { RunShape } from '../shape-store.ts';
import { defined, json, optionalNumber, type Row } from './row.ts';

const typesSchema = z.partialRecord(z.enum(JSON_TYPES), z.number());
const fieldSchema = z.object({ present: z.number(), nulls: z.number(), types: typesSchema });
export const shapeSchema = z.object({ records: z.number(), isCut: z.boolean(), fields: z.record(z.string(), fieldSchema) });
const metSchema = fieldSchema.extend({ records: z.number() });
const findingsSchema = z.array(z.object({ change: z.enum(SHAPE_CHANGES), field: z.string(), uses: z.array(z.string()), before: metSchema, now: metSchema }));

export function readRunShape(row: Row): RunShape {
  return defined({ shape: readShape(row), findings: readFindings(row), acceptedAt: optionalNumber(row, 'accepted_at') });
}

/** What a run found and nobody has accepted. */
export function openDrift(row: Row | undefined): readonly ShapeFinding[] {
  return row === undefined || optionalNumber(row, 'accepted_at') !== undefined ? [] : (readFindings(row) ?? []).filter(isDrift);
}

export function readShape(row: Row): Shape {
  const { fields, ...shape } = shapeSchema.parse(json(row, 'body'));
  return { ...shape, fields: Object.fromEntries(Object.entries(fields).map(([path, field]) => [path, { ...field, types: defined(field.types) }])) };
}

export function readFindings(row: Row): readonly ShapeFinding[] | undefined {
  const findings = json(row, 'findings');
  if (findings === undefined) return undefined;
  return findingsSchema.parse(findings).map(({ before, now, ...finding }) => ({
    ...finding,
    before: { ...before, types: defined(before.types) },
    now: { ...now, types: defined(now.types) },
  }));
}
