import { z } from 'zod';
import { authSchema } from './auth.ts';
import { bodyTemplateSchema, durationSchema, expressionSchema, querySchema, sizeSchema, templateSchema } from './primitives.ts';

export const requestWindowSchema = z.strictObject({ count: z.number().int().positive(), per: durationSchema });

export const limitsSchema = z.strictObject({
  requests: z.array(requestWindowSchema).optional().meta({ description: 'Windows that hold at once, e.g. 100 per 10s and 250000 per 1d' }),
  concurrency: z.number().int().min(1).max(256).optional().meta({ description: 'Requests in flight at once; default 8' }),
  headers: z
    .strictObject({ limit: z.string().optional(), remaining: z.string().optional(), reset: z.string().optional() })
    .optional()
    .meta({ description: 'Answer headers that tell the state of the limit' }),
});

export const timeoutsSchema = z.strictObject({
  connect: durationSchema.optional().meta({ description: 'default 10s' }),
  headers: durationSchema.optional().meta({ description: 'until the answer begins; default 30s' }),
  body: durationSchema.optional().meta({ description: 'between two pieces of the body; default 30s' }),
  request: durationSchema.optional().meta({ description: 'the whole request; default 60s' }),
});

export const errorRuleSchema = z.strictObject({
  when: expressionSchema.meta({ description: 'over `status`, `headers` (lower case) and `body`' }),
  outcome: z.enum(['reject-request', 'retry', 'unprocessed', 'rate-limited', 'quota-spent', 'credentials', 'cursor-expired', 'not-found', 'success']),
  message: expressionSchema.optional(),
  until: expressionSchema.optional().meta({ description: 'when to try again: seconds, epoch or date' }),
});

const pageSizeSchema = z.strictObject({ param: z.string(), max: z.number().int().positive(), in: z.enum(['query', 'body']).default('query') });

export const pageSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('cursor'),
    cursor: expressionSchema,
    param: z.string(),
    in: z.enum(['query', 'body']).default('query'),
    size: pageSizeSchema.optional(),
    total: expressionSchema.optional(),
  }),
  z.strictObject({
    type: z.literal('page'),
    param: z.string().default('page'),
    in: z.enum(['query', 'body']).default('query'),
    start: z.number().int().default(1),
    size: pageSizeSchema.optional(),
    total: expressionSchema.optional().meta({ description: 'records in all' }),
    totalPages: expressionSchema.optional(),
    hasMore: expressionSchema.optional(),
  }),
  z.strictObject({
    type: z.literal('offset'),
    param: z.string().default('offset'),
    in: z.enum(['query', 'body']).default('query'),
    size: pageSizeSchema.optional(),
    total: expressionSchema.optional(),
    hasMore: expressionSchema.optional(),
  }),
  z.strictObject({
    type: z.literal('next-url'),
    url: expressionSchema.optional().meta({ description: 'where the body names it; absent: the `Link` header with rel="next"' }),
    size: pageSizeSchema.optional(),
    total: expressionSchema.optional(),
  }),
  z.strictObject({
    type: z.literal('keyset'),
    key: expressionSchema.meta({ description: 'over the last record of the page' }),
    param: z.string(),
    in: z.enum(['query', 'body']).default('query'),
    size: pageSizeSchema.optional(),
    hasMore: expressionSchema.optional(),
  }),
  z.strictObject({ type: z.literal('none') }),
]);

const requestShape = {
  get: templateSchema.optional(),
  post: templateSchema.optional(),
  put: templateSchema.optional(),
  patch: templateSchema.optional(),
  delete: templateSchema.optional(),
  query: querySchema.optional(),
  headers: z.record(z.string(), templateSchema).optional(),
  body: bodyTemplateSchema.optional(),
  format: z.enum(['json', 'form']).optional().meta({ description: 'how the body is written; default json' }),
};
const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;
const hasOneMethod = (endpoint: { readonly [method in (typeof METHODS)[number]]?: string | undefined }) =>
  METHODS.filter((method) => endpoint[method] !== undefined).length === 1;
const ONE_METHOD = 'name exactly one of get, post, put, patch or delete, with its path';

export const listSchema = z
  .strictObject({ ...requestShape, records: expressionSchema, page: pageSchema.default({ type: 'none' }) })
  .refine(hasOneMethod, ONE_METHOD);

export const getSchema = z.strictObject({ ...requestShape, record: expressionSchema.optional() }).refine(hasOneMethod, ONE_METHOD);

export const searchSchema = z
  .strictObject({
    ...requestShape,
    records: expressionSchema,
    max: z.number().int().positive().default(100).meta({ description: 'keys in one search' }),
    indexingDelay: durationSchema.default('0s').meta({ description: 'how long a write may stay invisible to the search' }),
  })
  .refine(hasOneMethod, ONE_METHOD);

export const writeSchema = z
  .strictObject({
    ...requestShape,
    max: z.number().int().positive().default(1).meta({ description: 'records in one request' }),
    maxBytes: sizeSchema.optional(),
    record: bodyTemplateSchema.default('{fields}').meta({
      description:
        'how one record is written, over `fields`, `id`, `match`, `matchOn`, `ref`; `{records}` in the body is the list of them, `{record}` the only one',
    }),
    nullAs: z.string().optional().meta({ description: 'what a null is written as where the API clears a field by something else (HubSpot: an empty text)' }),
    results: z
      .strictObject({
        at: expressionSchema.meta({ description: 'the list of results, or the one result' }),
        by: z.enum(['index', 'id', 'match', 'ref']).default('index'),
        key: expressionSchema.optional().meta({ description: 'in a result: the value that names the record, for by: id, match or ref' }),
        id: expressionSchema.optional().meta({ description: 'in a result: the target id' }),
        error: expressionSchema.optional().meta({ description: 'in a result: the message, present when the record was refused' }),
        errorCode: expressionSchema.optional(),
        created: expressionSchema.optional().meta({ description: 'in a result: true when the record was created' }),
      })
      .optional(),
    failures: z
      .strictObject({
        at: expressionSchema,
        key: expressionSchema.optional(),
        message: expressionSchema,
        code: expressionSchema.optional(),
        status: expressionSchema.optional(),
      })
      .optional()
      .meta({ description: 'where refused records stand apart from the results (HubSpot 207); `key` names the record(s) as `results.by` says' }),
    idempotency: z.strictObject({ header: z.string(), ttl: durationSchema.default('23h') }).optional(),
    applyDelay: durationSchema.default('30s').meta({ description: 'the longest the target may still apply a request whose connection is gone' }),
    repeatable: z
      .boolean()
      .optional()
      .meta({ description: 'sending the identical request twice does no harm; default true for upsert, update, delete, false for create' }),
  })
  .refine(hasOneMethod, ONE_METHOD);

export const objectSchema = z.strictObject({
  primaryKey: expressionSchema.default('id'),
  webUrl: templateSchema.optional(),
  orderedBy: z.string().optional().meta({ description: 'only if the API promises it' }),
  values: expressionSchema.optional().meta({ description: 'where a record keeps its fields, if not at its root (HubSpot: properties)' }),
  unique: z.array(z.string()).optional().meta({ description: 'fields the API can match on; absent: any' }),
  knownFields: z.array(z.string()).optional().meta({ description: 'the fields of a record, where the manifest knows them: lets `check` find typing mistakes' }),
  fields: z
    .strictObject({
      get: templateSchema,
      records: expressionSchema,
      name: expressionSchema,
      type: expressionSchema.optional(),
      required: expressionSchema.optional(),
    })
    .optional(),
  list: listSchema.optional(),
  get: getSchema.optional(),
  search: searchSchema.optional(),
  create: writeSchema.optional(),
  update: writeSchema.optional(),
  upsert: writeSchema.optional(),
  delete: writeSchema.optional(),
});

export const hintSchema = z.strictObject({
  match: z.string().meta({ description: 'a regular expression over the API message or code, case-insensitive' }),
  hint: z.string(),
});

/** `connectors/NAME.yaml`: what is known about one API. */
export const connectorSchema = z.strictObject({
  description: z.string().optional(),
  docs: z.string().optional().meta({ description: "the API's own documentation" }),
  baseUrl: z.string().optional(),
  version: z.union([z.strictObject({ header: z.string(), value: z.string() }), z.strictObject({ path: z.string() })]).optional(),
  auth: authSchema.optional(),
  headers: z.record(z.string(), z.string()).optional(),
  limits: limitsSchema.optional(),
  timeouts: timeoutsSchema.optional(),
  maxAnswerBytes: sizeSchema.optional().meta({ description: 'default 64MB' }),
  probe: z.strictObject({ get: templateSchema }).optional().meta({ description: 'a cheap request that tells whether the credentials are good' }),
  errors: z.array(errorRuleSchema).optional(),
  hints: z.array(hintSchema).optional(),
  objects: z.record(z.string(), objectSchema).default({}),
});

export type Connector = z.output<typeof connectorSchema>;
export type ConnectorObject = z.output<typeof objectSchema>;
export type ListEndpoint = z.output<typeof listSchema>;
export type WriteEndpoint = z.output<typeof writeSchema>;
export type PageRule = z.output<typeof pageSchema>;
export type ErrorRule = z.output<typeof errorRuleSchema>;
