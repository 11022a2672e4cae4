import { z } from 'zod';
import { CALENDAR_UNITS } from '../../engine/calendar.ts';
import { exportSchema } from './bulk.ts';
import { hasNoMethod, hasOneMethod, ONE_METHOD, requestShape } from './endpoint-shape.ts';
import { pageSchema } from './page.ts';
import { parentsSchema } from './parents.ts';
import { durationSchema, expressionSchema } from './primitives.ts';

const capSchema = z
  .strictObject({
    records: z
      .number()
      .int()
      .positive()
      .meta({ description: 'So many records the API shows of one search', examples: [10_000] }),
    by: expressionSchema.meta({
      description: 'In a record: what the list is ordered by, ascending, and what `window.from` is compared with',
      examples: ['updated_at'],
    }),
  })
  .meta({
    id: 'cap',
    description: 'A list that ends before its end: it goes on with a new search, whose window.from is right before the `by` of the last record',
  });

const wholeSchema = z.enum(CALENDAR_UNITS).meta({
  description:
    'The API is asked for whole days, weeks (from Monday) or months, in UTC: from is moved back to the beginning of its own, to forward to the end. For slices of the same: `size: month`',
});

const partedFieldsSchema = z
  .strictObject({
    max: z
      .number()
      .int()
      .positive()
      .optional()
      .meta({ description: 'So many names in one request', examples: [50] }),
    maxCharacters: z
      .number()
      .int()
      .positive()
      .optional()
      .meta({ description: 'So long the names may be, with a comma between them', examples: [1_500] }),
    always: z
      .array(z.string())
      .default([])
      .meta({ description: 'Asked for in each request: what the primary key needs', examples: [['id']] }),
  })
  .refine(({ max, maxCharacters }) => max !== undefined || maxCharacters !== undefined, 'say how many in `max`, or how long in `maxCharacters`')
  .meta({
    id: 'field-names',
    description:
      'Where one request takes fewer names of fields than there are: each page is asked for part by part, also of `changes` and in `get`, and the parts of a record are put together by its key. The names are what `fields` of the object tells, or its `knownFields`; templates insert them as {fieldNames}',
    examples: [{ max: 50, always: ['id'] }],
  });

/** Records that lie within their parents need no request. */
const liesWithin = ({ parents, page }: { readonly parents?: z.output<typeof parentsSchema> | undefined; readonly page: z.output<typeof pageSchema> }) =>
  parents !== undefined && page.type === 'none' && [parents].flat().every(({ within }) => within !== undefined);

export const listSchema = z
  .strictObject({
    ...requestShape,
    records: expressionSchema.optional().meta({ description: 'Where the answer keeps the list of records; of an `export`, its `download` says it' }),
    page: pageSchema.default({ type: 'none' }),
    until: expressionSchema.optional().meta({
      description: 'After a page on which this is true no other is read: over `record` (its last), `window` and the answer',
      examples: ['record.updated_at < window.from'],
    }),
    cap: capSchema.optional(),
    whole: wholeSchema.optional(),
    fieldNames: partedFieldsSchema.optional(),
    parents: parentsSchema.optional(),
    export: exportSchema.optional(),
  })
  .refine((list) => list.export !== undefined || hasOneMethod(list) || (hasNoMethod(list) && liesWithin(list)), ONE_METHOD)
  .refine((list) => list.export !== undefined || list.records !== undefined, 'name in `records` where the answer keeps the list')
  .refine(
    (list) => list.export === undefined || (hasNoMethod(list) && list.parents === undefined),
    'an `export` has requests of its own: take the other one away',
  )
  .meta({
    id: 'list',
    description: 'Reads the object page by page. Templates may use window.from, window.to, slice.from, slice.to, slice.value, cursor and fieldNames',
  });

export const deletedSchema = z
  .strictObject({
    ...requestShape,
    records: expressionSchema.meta({ description: 'Where the answer keeps the list of what was deleted' }),
    key: expressionSchema
      .optional()
      .meta({ description: "In an entry: the key of the record that was deleted; default: the object's primaryKey", examples: ['record_id'] }),
    page: pageSchema.default({ type: 'none' }),
    keeps: durationSchema.optional().meta({
      description:
        'How long the API tells of what was deleted: a sync that was not read for longer reads all of the `list` again, and takes away what is not in it',
      examples: ['30d'],
    }),
  })
  .refine(hasOneMethod, ONE_METHOD)
  .meta({ id: 'deleted', description: 'Reads what was deleted in a window, page by page. Templates may use window.from and cursor' });

export const changesSchema = z
  .strictObject({
    ...requestShape,
    records: expressionSchema.meta({ description: 'Where the answer keeps the list of what changed' }),
    page: pageSchema.default({ type: 'none' }),
    until: expressionSchema.optional().meta({ description: 'As of a list: after a page on which this is true no other is read' }),
    whole: wholeSchema.optional(),
    keeps: durationSchema.optional().meta({
      description: 'How long the API keeps changes: a sync whose last read is older reads all of the `list` again',
      examples: ['30d'],
    }),
  })
  .refine(hasOneMethod, ONE_METHOD)
  .meta({
    id: 'changes',
    description:
      'Reads what changed since window.from, in the place of `list`, where a sync is incremental and has read all of it before. Templates may use what those of `list` may',
  });

export const getSchema = z
  .strictObject({ ...requestShape, record: expressionSchema.optional().meta({ description: 'Where the answer keeps the record; default: it is the answer' }) })
  .refine(hasOneMethod, ONE_METHOD)
  .meta({ id: 'get', description: 'Reads one record. Templates may use id and fieldNames' });

export const searchSchema = z
  .strictObject({
    ...requestShape,
    records: expressionSchema.meta({ description: 'Where the answer keeps the list of records' }),
    page: pageSchema.default({ type: 'none' }),
    max: z.number().int().positive().default(100).meta({ description: 'Keys in one search' }),
    etag: expressionSchema.optional().meta({
      description:
        'The version of a record, over `record` (as found) and `headers` (of the answer, where it is of one record); updates insert it as etag, in If-Match',
      examples: ['record._etag', 'headers.etag'],
    }),
    indexingDelay: durationSchema.default('0s').meta({ description: 'How long a write may stay invisible to the search' }),
  })
  .refine(hasOneMethod, ONE_METHOD)
  .meta({
    id: 'search',
    description:
      'Looks records up by the match key; where it is paged, pages are read until all keys are found. Templates may use keys, key (the first), matchOn, wanted (the fields that a sync writes or compares), cursor and fieldNames',
  });
