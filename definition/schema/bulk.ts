import { z } from 'zod';
import { pageSchema } from './page.ts';
import { bodyTemplateSchema, durationSchema, expressionSchema, sizeSchema } from './primitives.ts';
import { hasOneMethod, ONE_METHOD, requestShape } from './request-shape.ts';

const fileFormat = z.enum(['csv', 'ndjson', 'json']);
const states = (what: string) =>
  z
    .array(z.string())
    .min(1)
    .meta({ description: `States in which ${what}` });

const created = { ...requestShape, id: expressionSchema.default('id').meta({ description: 'In the answer: the id of the job' }) };
const createSchema = z
  .strictObject(created)
  .refine(hasOneMethod, ONE_METHOD)
  .meta({ id: 'job-create', description: 'Makes the job. What follows inserts its id as {job}' });

const fileSchema = z
  .strictObject({
    part: z.string().meta({ description: 'The name of the part that is the file', examples: ['files'] }),
    name: z.string().default('records.csv').meta({ description: 'The name that the file is given' }),
    as: fileFormat.default('csv').meta({ description: 'How the records are written' }),
  })
  .meta({
    id: 'job-file',
    description:
      'The records go as a file of a multipart/form-data request. Its `body` names the other parts, which come first: texts as they are, all else as JSON. Templates of it may insert columns, the names of the fields in the file',
  });

const makeSchema = z
  .strictObject({ ...created, file: fileSchema.optional() })
  .refine(hasOneMethod, ONE_METHOD)
  .meta({ id: 'job-make', description: 'Makes the job. What follows inserts its id as {job}' });

const jobRequestSchema = z
  .strictObject(requestShape)
  .refine(hasOneMethod, ONE_METHOD)
  .meta({ id: 'job-request', description: 'A request about a job. Templates may use job and matchOn' });

const pollSchema = z
  .strictObject({
    ...requestShape,
    state: expressionSchema.default('state').meta({ description: 'In the answer: the state of the job' }),
    open: states('the job was not begun').default(['Open']),
    done: states('the job has ended and its results are there'),
    failed: states('the job was given up').default(['Failed', 'Aborted']),
    error: expressionSchema.optional().meta({ description: 'In the answer: why the job was given up' }),
    every: durationSchema.default('5s').meta({ description: 'How long to wait between two looks; no worker waits with it' }),
  })
  .refine(hasOneMethod, ONE_METHOD)
  .meta({ id: 'job-poll', description: 'Asks how far the job is; any other state is that it goes on' });

const resultsSchema = z
  .strictObject({
    ...requestShape,
    as: fileFormat.default('json').meta({ description: 'How the answer is written' }),
    at: expressionSchema.default('$').meta({ description: 'In a JSON answer: the list of results' }),
    outcome: z
      .enum(['told', 'written', 'rejected', 'again'])
      .default('told')
      .meta({ description: 'What all of the list are: written, rejected, or not processed (again); told: each says by `error` or `status`' }),
    by: z
      .enum(['match', 'id', 'ref'])
      .default('match')
      .meta({ description: 'How a result names its record: match key, target id, or the `ref` it was sent with' }),
    key: expressionSchema.optional().meta({ description: 'In a result: the value that names the record; default: the field under which it was sent' }),
    id: expressionSchema.optional().meta({ description: 'In a result: the target id' }),
    created: expressionSchema.optional().meta({ description: 'In a result: true when the record was created' }),
    error: expressionSchema.optional().meta({ description: "In a result: the API's words, where the record was refused" }),
    errorCode: expressionSchema.optional().meta({ description: "In a result: the API's own code" }),
    status: expressionSchema.optional().meta({ description: 'In a result: its HTTP status; 400 and up is a refusal; 409 is tried again by later runs' }),
    page: pageSchema.default({ type: 'none' }).meta({ description: 'Where the list comes page by page' }),
  })
  .refine(hasOneMethod, ONE_METHOD)
  .meta({ id: 'job-results', description: 'Results of the job, record by record' });

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
    upload: z
      .strictObject({ ...requestShape, as: fileFormat.default('csv').meta({ description: 'How the records are written' }) })
      .omit({ body: true, format: true })
      .refine(hasOneMethod, ONE_METHOD)
      .optional()
      .meta({ description: 'Uploads the records; absent: `create` has them in its body and begins the job' }),
    close: jobRequestSchema.optional().meta({ description: 'Begins the job once all is uploaded: before it, nothing of the job is applied' }),
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

export const exportSchema = z
  .strictObject({
    create: createSchema,
    poll: pollSchema,
    download: z
      .strictObject({
        ...requestShape,
        as: fileFormat.default('csv').meta({ description: 'How the answer is written' }),
        records: expressionSchema.default('$').meta({ description: 'In a JSON answer: the list of records' }),
        page: pageSchema.default({ type: 'none' }),
      })
      .refine(hasOneMethod, ONE_METHOD)
      .meta({ description: 'Fetches what was exported, page by page' }),
  })
  .meta({
    id: 'export',
    description: 'Reads the object by an export that the API makes: asked for, waited for, downloaded. Templates of `create` may use what a list may',
  });
