import { z } from 'zod';
import { requestShape as addressedShape, hasOneMethod, ONE_METHOD } from './endpoint-shape.ts';
import { closeSchema, createSchema, hostsShape, isOneLink, jobRequestSchema, makeSchema, ONE_LINK, pollSchema, uploadSchema } from './job.ts';
import { fileFormat } from './job-file.ts';
import { pageSchema } from './page.ts';
import { bodyTemplateSchema, durationSchema, expressionSchema, sizeSchema } from './primitives.ts';

const resultsSchema = z
  .strictObject({
    ...addressedShape,
    ...hostsShape,
    as: fileFormat.default('json').meta({ description: 'How the answer is written' }),
    at: expressionSchema.default('$').meta({ description: 'In a JSON answer: the list of results' }),
    outcome: z
      .enum(['told', 'written', 'rejected', 'again'])
      .default('told')
      .meta({ description: 'What all of the list are: written, rejected, or not processed (again); told: each says by `error` or `status`' }),
    by: z.enum(['match', 'id', 'ref']).default('match').meta({
      description: 'How a result names its record: match key, target id, or the `ref` it was sent with, which is also its place in the upload, from 0',
    }),
    key: expressionSchema.optional().meta({ description: 'In a result: the value that names the record; default: the field under which it was sent' }),
    id: expressionSchema.optional().meta({ description: 'In a result: the target id' }),
    created: expressionSchema.optional().meta({ description: 'In a result: true when the record was created' }),
    error: expressionSchema.optional().meta({ description: "In a result: the API's words, where the record was refused" }),
    errorCode: expressionSchema.optional().meta({ description: "In a result: the API's own code" }),
    status: expressionSchema.optional().meta({ description: 'In a result: its HTTP status; 400 and up is a refusal; 409 is tried again by later runs' }),
    page: pageSchema.default({ type: 'none' }).meta({ description: 'Where the list comes page by page' }),
  })
  .refine(hasOneMethod, ONE_METHOD)
  .refine(isOneLink, ONE_LINK)
  .meta({ id: 'job-results', description: 'Results of the job, record by record. Templates may use job, matchOn and poll, the last answer of `poll`' });

const unlistedSchema = z
  .strictObject({
    taken: expressionSchema.meta({ description: 'In the answer of `poll`: how many records the job was given' }),
    written: expressionSchema.meta({ description: 'In the answer of `poll`: how many of them it wrote' }),
  })
  .meta({
    id: 'job-unlisted',
    description:
      'Results list refused records only: what none of them names was written, but only where the counts of the job say the same; else it is looked up by match key, and held where that shows something else. Target ids are looked up, too',
  });

export const bulkSchema = z
  .strictObject({
    use: z.enum(['always', 'asked']).default('always').meta({ description: 'asked: only in syncs whose target says `bulk: true`' }),
    from: z.number().int().positive().default(1).meta({ description: 'Fewer records than these are written by the endpoint itself, where it has a request' }),
    max: z.number().int().positive().default(10_000).meta({ description: 'Records in one job' }),
    maxBytes: sizeSchema.default('50MB').meta({ description: 'The largest upload' }),
    record: bodyTemplateSchema.default('{fields}').meta({
      description: "How one record is written, over what a write's `record` may use: for CSV an object of columns; fields that a record lacks are empty",
    }),
    nullAs: z.string().optional().meta({ description: 'What a null is written as where the API clears a field by something else (Salesforce: #N/A)' }),
    clears: z.boolean().default(true).meta({
      description: 'false: a job clears no field, so what is to clear one in a record that may be there goes by requests of the endpoint itself',
    }),
    create: makeSchema,
    upload: uploadSchema.optional(),
    close: closeSchema.optional(),
    poll: pollSchema,
    results: z
      .array(resultsSchema)
      .min(1)
      .meta({ description: 'Where the results are; a record that none of them has is held as unknown, never taken for written' }),
    unlisted: unlistedSchema.optional(),
    abort: jobRequestSchema.optional().meta({ description: 'Gives a job up that was not begun' }),
  })
  .refine((bulk) => bulk.upload === undefined || bulk.create.file === undefined, 'the records go with `create.file` or with `upload`, not with both')
  .refine((bulk) => (bulk.upload === undefined) === (bulk.close === undefined), 'upload and close go together: what was uploaded is begun by `close`')
  .meta({
    id: 'bulk',
    description:
      'Writes many records by a job: made, filled, begun, asked about, its results fetched. Templates may use job, matchOn, and in `create` what a write may',
  });

const childrenSchema = z
  .strictObject({
    parent: expressionSchema.meta({ description: 'In a row: the id of the row that it belongs to; a row without one is a record', examples: ['__parentId'] }),
    into: expressionSchema.meta({ description: 'Where the row goes in what it belongs to: a list at this path', examples: ['lineItems.nodes'] }),
  })
  .meta({ id: 'export-children', description: 'Rows of the file that follow the record they belong to' });

export const exportSchema = z
  .strictObject({
    create: createSchema,
    poll: pollSchema,
    giveUpAfter: durationSchema.default('24h').meta({
      description: 'An export that is not done by then is given up (`abort`), and another is asked for: three times without getting further at most',
    }),
    abort: jobRequestSchema.optional().meta({ description: 'Gives up an export that takes too long' }),
    delete: jobRequestSchema.optional().meta({ description: 'Removes an export that was read to its end; where that fails the run goes on' }),
    download: z
      .strictObject({
        ...addressedShape,
        ...hostsShape,
        as: fileFormat.default('csv').meta({ description: 'How the answer is written' }),
        records: expressionSchema.default('$').meta({ description: 'In a JSON answer: the list of records' }),
        page: pageSchema.default({ type: 'none' }),
        children: childrenSchema.optional(),
        maxBytes: sizeSchema.default('10GB').meta({
          description: 'The largest file, where the download is not paged: it goes through a temporary file, and csv and ndjson never lie in memory whole',
        }),
      })
      .refine(hasOneMethod, ONE_METHOD)
      .refine(isOneLink, ONE_LINK)
      .refine((download) => download.children === undefined || download.as === 'ndjson', 'rows that follow their record are of ndjson')
      .refine((download) => download.hosts === undefined || download.page.type === 'none', 'a file behind a link is not paged')
      .meta({
        description:
          'Fetches what was exported, page by page or as one file. Templates may use job, cursor and poll, the last answer of `poll`; where a link into `hosts` is missing, nothing was exported',
      }),
  })
  .meta({
    id: 'export',
    description: 'Reads the object by an export that the API makes: asked for, waited for, downloaded. Templates of `create` may use what a list may',
  });
