import { z } from 'zod';
import { TRANSFORMS, VALUE_TYPES } from '../../engine/field-rule.ts';
import { bodyTemplateSchema, durationSchema, expressionSchema, templateSchema } from './primitives.ts';
import { syncDefaultsShape } from './project.ts';

const fieldShape = {
  from: expressionSchema.optional(),
  expression: expressionSchema.optional(),
  lookup: z.string().optional(),
  value: z.union([z.string(), z.number(), z.boolean()]).optional().meta({ description: 'the same constant for every record' }),
  transform: z.array(z.enum(TRANSFORMS)).optional(),
  values: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]))
    .optional()
    .meta({ description: 'source value: target value; others go to `default`, or are kept when there is none' }),
  default: bodyTemplateSchema.optional(),
  type: z.enum(VALUE_TYPES).optional(),
  options: z.array(z.string()).optional().meta({ description: 'the allowed values of type enum' }),
  country: z.string().length(2).optional().meta({ description: 'for type phone: the country of numbers without a prefix (ISO 3166)' }),
  required: z.boolean().optional(),
  onInvalid: z.enum(['reject', 'omit', 'null']).optional().meta({ description: 'default reject' }),
  onNull: z.enum(['clear', 'skip']).optional().meta({ description: 'clear (default) sends null; skip leaves the field out' }),
  sensitive: z.boolean().optional().meta({ description: 'hidden in messages and logs, always encrypted at rest' }),
};

export const fieldSchema = z.union([
  expressionSchema,
  z
    .strictObject(fieldShape)
    .refine(
      (field) => [field.from, field.expression, field.lookup, field.value].filter((source) => source !== undefined).length === 1,
      'name exactly one of from, expression, lookup or value',
    )
    .refine((field) => field.type !== 'enum' || field.options !== undefined, 'type enum needs `options`'),
]);

export const lookupSchema = z.strictObject({
  from: z.strictObject({ connection: z.string(), object: z.string() }),
  where: z
    .record(z.string(), expressionSchema)
    .refine(
      (where) => Object.keys(where).length === 1,
      'must have exactly one entry: a field of the looked-up object, and the field of the source record it is compared with',
    )
    .meta({ description: 'field of the looked-up object: field of the source record' }),
  compare: z.enum(['normalized', 'exact']).default('normalized'),
  return: expressionSchema.default('id'),
  onMissing: z.union([z.enum(['reject', 'omit']), z.strictObject({ use: templateSchema })]).default('reject'),
  onAmbiguous: z.enum(['reject', 'omit']).default('reject'),
});

/** `syncs/NAME.yaml`: one source object to one target object. */
export const syncSchema = z.strictObject({
  description: z.string().optional(),
  source: z.strictObject({
    connection: z.string(),
    object: z.string(),
    primaryKey: expressionSchema.optional().meta({ description: "default: the object's own" }),
    incremental: z.strictObject({ cursorField: expressionSchema, lookback: durationSchema.default('0s') }).optional(),
    fullRead: z.strictObject({ every: durationSchema }).optional(),
    filter: expressionSchema.optional().meta({ description: 'applied after the read; a record it leaves out is counted as skipped' }),
  }),
  target: z.strictObject({
    connection: z.string(),
    object: z.string(),
    matchOn: z.string(),
    mode: z.enum(['upsert']).default('upsert'),
  }),
  lookups: z.record(z.string(), lookupSchema).default({}),
  mapping: z.record(z.string(), fieldSchema).refine((mapping) => Object.keys(mapping).length > 0, 'map at least one field'),
  ...syncDefaultsShape,
});

export type Sync = z.output<typeof syncSchema>;
