import { z } from 'zod';
import { TRANSFORMS, VALUE_TYPES } from '../../engine/field-rule.ts';
import { matchKeyOf } from '../../engine/match-fields.ts';
import { WRITE_RULES } from '../../engine/merge-fields.ts';
import { modeSchema, sourceDeletesSchema } from './deletes.ts';
import { sourceEventsSchema } from './events.ts';
import { bodyTemplateSchema, durationSchema, expressionSchema, templateSchema } from './primitives.ts';
import { syncDefaultsShape } from './project.ts';
import { slicesSchema } from './slices.ts';

const constant = z.union([z.string(), z.number(), z.boolean()]);

const fieldShape = {
  from: expressionSchema.optional().meta({ description: 'The source field, or a path to it', examples: ['email_address', 'address.city'] }),
  expression: expressionSchema.optional().meta({ description: 'JSONata over the source record', examples: ["first_name & ' ' & last_name"] }),
  lookup: z.string().optional().meta({ description: 'A lookup of this sync: the value is what it returns' }),
  ref: z
    .strictObject({
      sync: z.string().meta({ description: 'Another sync of the project' }),
      from: expressionSchema.meta({ description: 'In the record: the primary key of the record that it refers to' }),
      onMissing: z.enum(['hold', 'later']).optional().meta({
        description:
          'Where that has no target id yet: hold (default), the record waits unwritten; later, it is written without, and gets the reference when it is there: the default of a reference that closes a circle of syncs',
      }),
    })
    .optional()
    .meta({
      description: 'The target id that another sync has for a record; where it has none yet, every run looks again',
      examples: [{ sync: 'companies-to-hubspot', from: 'company_id' }],
    }),
  value: constant.optional().meta({ description: 'The same constant for every record' }),
  transform: z
    .array(z.enum(TRANSFORMS))
    .optional()
    .meta({ description: 'Steps applied to text, in order', examples: [['trim', 'lowercase']] }),
  values: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]))
    .optional()
    .meta({
      description: 'Source value: target value; others go to `default`, or are kept when there is none',
      examples: [{ won: 'customer', open: 'lead' }],
    }),
  default: bodyTemplateSchema.optional().meta({ description: 'Used where there is no value' }),
  type: z.enum(VALUE_TYPES).optional().meta({ description: 'What the value must be; it is normalised as such' }),
  options: z.array(z.string()).optional().meta({ description: 'The allowed values of type enum' }),
  country: z
    .string()
    .length(2)
    .optional()
    .meta({ description: 'For type phone: the country of numbers without a prefix (ISO 3166)', examples: ['US'] }),
  required: z.boolean().optional().meta({ description: 'A record without this value is rejected; default false' }),
  onInvalid: z
    .enum(['reject', 'omit', 'null'])
    .optional()
    .meta({ description: 'Where the value is not of its type: reject the record (default), leave the field out, or send null' }),
  onNull: z.enum(['clear', 'skip']).optional().meta({ description: 'Where the value is null: clear (default) sends null, skip leaves the field out' }),
  write: z
    .enum(WRITE_RULES)
    .optional()
    .meta({ description: 'When it is written: always (default), if-empty (the target has nothing there), or once (and never again)' }),
  sensitive: z.boolean().optional().meta({ description: 'Hidden in messages and logs, always encrypted at rest' }),
};

export const fieldSchema = z
  .union([
    expressionSchema,
    z
      .strictObject(fieldShape)
      .refine(
        (field) => [field.from, field.expression, field.lookup, field.ref, field.value].filter((source) => source !== undefined).length === 1,
        'name exactly one of from, expression, lookup, ref or value',
      )
      .refine((field) => field.type !== 'enum' || field.options !== undefined, 'type enum needs `options`'),
  ])
  .meta({
    id: 'field',
    description: 'Where a target field gets its value: from, transform, values, default, type, required, in this order. A text alone is short for `from`',
  });

export const lookupSchema = z
  .strictObject({
    from: z
      .strictObject({
        connection: z.string().min(1).meta({ description: 'Where the table is read' }),
        object: z.string().min(1).meta({ description: 'The object that is the table' }),
      })
      .meta({ description: 'What is looked up' }),
    where: z
      .record(z.string(), expressionSchema)
      .refine(
        (where) => Object.keys(where).length === 1,
        'must have exactly one entry: a field of the looked-up object, and the field of the source record it is compared with',
      )
      .meta({ description: 'Field of the looked-up object: field of the source record', examples: [{ email: 'owner_email' }] }),
    compare: z.enum(['normalized', 'exact']).default('normalized').meta({ description: 'normalized: without regard to case and to spaces around' }),
    return: expressionSchema.default('id').meta({ description: 'In the looked-up record: the value' }),
    onMissing: z
      .union([z.enum(['reject', 'omit']), z.strictObject({ use: templateSchema.meta({ description: 'This value instead' }) })])
      .default('reject')
      .meta({ description: 'Where nothing is found: reject the record, leave the field out, or use a value', examples: [{ use: '12345' }] }),
    onAmbiguous: z.enum(['reject', 'omit']).default('reject').meta({ description: 'Where several are found: never guessed' }),
  })
  .meta({ id: 'lookup', description: 'Turns a value of the source record into a target id: owner e-mail to owner id. Fetched before each run' });

/** `syncs/NAME.yaml`: one source object to one target object. */
export const syncSchema = z.strictObject({
  description: z.string().optional().meta({ description: 'For people' }),
  source: z
    .strictObject({
      connection: z.string().min(1).meta({ description: 'A file of connections/' }),
      object: z.string().min(1).meta({ description: 'One of its objects; it needs `list`' }),
      primaryKey: expressionSchema.optional().meta({ description: "In a record: its key; default: the object's own" }),
      incremental: z
        .strictObject({
          cursorField: expressionSchema.meta({ description: 'The field that grows with each change', examples: ['updated_at'] }),
          lookback: durationSchema
            .default('0s')
            .meta({ description: 'Read again so much before the last value, for records that appear late; where that is a time' }),
        })
        .optional()
        .meta({ description: 'Read only what changed; absent: everything each time' }),
      fullRead: z
        .strictObject({ every: durationSchema.meta({ description: 'How often' }) })
        .optional()
        .meta({ description: 'Now and then everything, also with incremental' }),
      slices: slicesSchema.optional(),
      deletes: sourceDeletesSchema.optional(),
      events: sourceEventsSchema.optional(),
      filter: expressionSchema.optional().meta({
        description: 'Applied after the read; a record it leaves out is counted as skipped, one on which it fails as rejected',
        examples: ["status != 'archived'"],
      }),
    })
    .meta({ description: 'Where records come from' }),
  target: z
    .strictObject({
      connection: z.string().min(1).meta({ description: 'A file of connections/' }),
      object: z.string().min(1).meta({ description: 'One of its objects; it needs `upsert`, or `create` and `update`' }),
      matchOn: z.union([z.string().min(1), z.array(z.string().min(1)).min(1).transform(matchKeyOf)]).meta({
        description: 'The target field that tells that two records are the same; it must be in the mapping. Of a table also several that do so together',
        examples: ['email', ['source', 'source_id']],
      }),
      mode: modeSchema.default('upsert'),
      bulk: z.boolean().optional().meta({
        description:
          'Many records at once go by jobs of the API: where its connector says so; true: also where it does so only when asked (HubSpot imports); false: by requests, where there are some',
      }),
    })
    .meta({ description: 'Where records go' }),
  lookups: z.record(z.string(), lookupSchema).default({}).meta({ description: 'Lookups by name' }),
  mapping: z
    .record(z.string().min(1), fieldSchema)
    .refine((mapping) => Object.keys(mapping).length > 0, 'map at least one field')
    .meta({ description: 'Target field: where its value comes from' }),
  dependsOn: z
    .array(z.string())
    .optional()
    .meta({ description: 'Syncs that `run --all` runs before this one; a `ref` says so by itself', examples: [['companies-to-hubspot']] }),
  ...syncDefaultsShape,
});

export type Sync = z.output<typeof syncSchema>;
