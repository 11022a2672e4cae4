import { z } from 'zod';
import { bulkSchema, exportSchema } from './bulk.ts';
import { pageSchema } from './page.ts';
import { parentsSchema } from './parents.ts';
import { bodyTemplateSchema, durationSchema, expressionSchema, sizeSchema } from './primitives.ts';
import { METHODS, type Methods, requestShape as plainShape } from './request-shape.ts';

const requestShape = {
  ...plainShape,
  graphql: z
    .string()
    .min(1)
    .optional()
    .meta({
      description:
        'A GraphQL document with one operation, posted to `baseUrl` (or to the path of `post`) in the place of a body. A mutation of one field is batched by alias: `max` of them a request',
      examples: ['query ($after: String) { contacts(first: 100, after: $after) { nodes { id email } pageInfo { hasNextPage endCursor } } }'],
    }),
  variables: z
    .record(z.string(), bodyTemplateSchema)
    .optional()
    .meta({
      description: 'Of the GraphQL document, by name; strings in them are templates. What is missing is left out. Of a write: those of one record',
      examples: [{ input: '{fields}' }],
    }),
};
type Addressed = Methods & { readonly graphql?: string | undefined };
const methodsOf = (endpoint: Addressed) => METHODS.filter((method) => endpoint[method] !== undefined);
/** A GraphQL document may have a `post` for its path, and needs none. */
const hasOneMethod = (endpoint: Addressed) => {
  const methods = methodsOf(endpoint);
  return endpoint.graphql === undefined ? methods.length === 1 : methods.every((method) => method === 'post') && methods.length <= 1;
};
const hasNoMethod = (endpoint: Addressed) => endpoint.graphql === undefined && methodsOf(endpoint).length === 0;
const ONE_METHOD = 'name exactly one of get, post, put, patch or delete, with its path; or a graphql document';

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
  .meta({ id: 'cap', description: 'A list that ends before its end: it goes on with a new search, whose window.from is the `by` of the last record' });

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
    parents: parentsSchema.optional(),
    export: exportSchema.optional(),
  })
  .refine((list) => list.export !== undefined || hasOneMethod(list), ONE_METHOD)
  .refine((list) => list.export !== undefined || list.records !== undefined, 'name in `records` where the answer keeps the list')
  .refine(
    (list) => list.export === undefined || (hasNoMethod(list) && list.parents === undefined),
    'an `export` has requests of its own: take the other one away',
  )
  .meta({ id: 'list', description: 'Reads the object page by page. Templates may use window.from, window.to, slice.from, slice.to, slice.value and cursor' });

export const deletedSchema = z
  .strictObject({
    ...requestShape,
    records: expressionSchema.meta({ description: 'Where the answer keeps the list of what was deleted' }),
    key: expressionSchema
      .optional()
      .meta({ description: "In an entry: the key of the record that was deleted; default: the object's primaryKey", examples: ['record_id'] }),
    page: pageSchema.default({ type: 'none' }),
  })
  .refine(hasOneMethod, ONE_METHOD)
  .meta({ id: 'deleted', description: 'Reads what was deleted in a window, page by page. Templates may use window.from and cursor' });

export const getSchema = z
  .strictObject({ ...requestShape, record: expressionSchema.optional().meta({ description: 'Where the answer keeps the record; default: it is the answer' }) })
  .refine(hasOneMethod, ONE_METHOD)
  .meta({ id: 'get', description: 'Reads one record. Templates may use id' });

export const searchSchema = z
  .strictObject({
    ...requestShape,
    records: expressionSchema.meta({ description: 'Where the answer keeps the list of records' }),
    max: z.number().int().positive().default(100).meta({ description: 'Keys in one search' }),
    etag: expressionSchema.optional().meta({
      description:
        'The version of a record, over `record` (as found) and `headers` (of the answer, where it is of one record); updates insert it as etag, in If-Match',
      examples: ['record._etag', 'headers.etag'],
    }),
    indexingDelay: durationSchema.default('0s').meta({ description: 'How long a write may stay invisible to the search' }),
  })
  .refine(hasOneMethod, ONE_METHOD)
  .meta({ id: 'search', description: 'Looks records up by the match key. Templates may use keys, key (the first) and matchOn' });

const resultsSchema = z.strictObject({
  at: expressionSchema.default('$').meta({ description: 'The list of results, or the one result; default: the answer, or of a GraphQL mutation its payload' }),
  by: z
    .enum(['index', 'id', 'match', 'ref'])
    .default('index')
    .meta({ description: 'How a result names its record: place in the list, target id, match key, or the `ref` it was sent with' }),
  key: expressionSchema.optional().meta({ description: 'In a result: the value that names the record, for by: id, match or ref' }),
  id: expressionSchema.optional().meta({ description: 'In a result: the target id' }),
  error: expressionSchema
    .optional()
    .meta({ description: 'In a result: the message, present when the record was refused; default for GraphQL: the messages of `userErrors` or `errors`' }),
  errorCode: expressionSchema.optional().meta({ description: "In a result: the API's own code; default for GraphQL: that of the first of them" }),
  created: expressionSchema.optional().meta({ description: 'In a result: true when the record was created' }),
  status: expressionSchema.optional().meta({ description: 'In a result: its HTTP status; 400 and up is a refusal; 423, 429 and 503 are tried again' }),
});

const failuresSchema = z.strictObject({
  at: expressionSchema.meta({ description: 'The list of refused records' }),
  key: expressionSchema.optional().meta({ description: 'In a failure: what names the record, or the records, as `results.by` says' }),
  message: expressionSchema.meta({ description: "In a failure: the API's words" }),
  code: expressionSchema.optional().meta({ description: "In a failure: the API's own code" }),
  status: expressionSchema.optional().meta({ description: 'In a failure: its status; 423, 429 and 503 are tried again' }),
});

export const writeSchema = z
  .strictObject({
    ...requestShape,
    max: z.number().int().positive().default(1).meta({ description: 'Records in one request' }),
    maxBytes: sizeSchema.optional().meta({ description: 'The largest body; default 4MB' }),
    record: bodyTemplateSchema.default('{fields}').meta({
      description:
        'How one record is written, over `fields`, `id`, `match`, `matchOn`, `ref`; `{records}` in the body is the list of them, `{record}` the only one, or the one of a mutation',
    }),
    nullAs: z.string().optional().meta({ description: 'What a null is written as where the API clears a field by something else (HubSpot: an empty text)' }),
    results: resultsSchema.optional().meta({ description: 'What became of each record; needed for batches' }),
    failures: failuresSchema.optional().meta({ description: 'Where refused records stand apart from the results (HubSpot 207)' }),
    idempotency: z
      .strictObject({
        header: z.string().meta({ description: 'The header of the key', examples: ['Idempotency-Key'] }),
        ttl: durationSchema.default('23h').meta({ description: 'How long the API remembers a key' }),
      })
      .optional()
      .meta({ description: 'The API drops a second request with the same key' }),
    merges: z.boolean().optional().meta({
      description: 'Fields that are left out of an update stay as they are; default true for PATCH. Then a reference that is set later is sent alone',
    }),
    applyDelay: durationSchema.default('30s').meta({ description: 'The longest the target may still apply a request whose connection is gone' }),
    repeatable: z
      .boolean()
      .optional()
      .meta({ description: 'Sending the identical request twice does no harm; default true for upsert, update, delete, false for create' }),
    bulk: bulkSchema.optional(),
  })
  .refine((write) => hasOneMethod(write) || (write.bulk !== undefined && hasNoMethod(write)), ONE_METHOD)
  .refine((write) => write.bulk?.clears !== false || hasOneMethod(write), 'what a job cannot clear goes by a request: name one beside `bulk`')
  .meta({
    id: 'write',
    description: 'Writes records, one or many a request. Templates may use records, record, fields, id, match, matchOn, ref, etag and batch.id',
  });
