import { z } from 'zod';
import { bulkSchema } from './bulk.ts';
import { eachSchema } from './each.ts';
import { hasNoMethod, hasOneMethod, ONE_METHOD, requestShape } from './endpoint-shape.ts';
import { bodyTemplateSchema, durationSchema, expressionSchema, sizeSchema } from './primitives.ts';

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
  status: expressionSchema.optional().meta({
    description: 'In a result: its HTTP status, or a status line; 400 and up is a refusal; 423, 429 and 503 are tried again. With `each` default status',
  }),
  headers: expressionSchema.optional().meta({
    description: 'With `each`, in a result: the headers of this answer, an object or a list of name and value; default headers',
    examples: ['httpHeaders'],
  }),
  body: expressionSchema
    .optional()
    .meta({ description: 'With `each`, in a result: the body of this answer, or JSON as text; default body', examples: ['result'] }),
});

const failuresSchema = z.strictObject({
  at: expressionSchema.meta({ description: 'The list of refused records' }),
  key: expressionSchema.optional().meta({ description: 'In a failure: what names the record, or the records, as `results.by` says' }),
  message: expressionSchema.meta({ description: "In a failure: the API's words" }),
  code: expressionSchema.optional().meta({ description: "In a failure: the API's own code" }),
  status: expressionSchema.optional().meta({ description: 'In a failure: its status; 423, 429 and 503 are tried again' }),
});

const idempotencySchema = z
  .union([
    z.strictObject({
      header: z.string().meta({ description: 'The header of the key', examples: ['Idempotency-Key'] }),
      ttl: durationSchema.default('23h').meta({ description: 'How long the API remembers a key' }),
    }),
    z.literal('none'),
  ])
  .meta({
    description:
      'The API drops a second request with the same key; `none`: it knows no keys, so a create whose answer is lost is looked up by its match key, and where there is no search held for a person',
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
    each: eachSchema.optional(),
    results: resultsSchema.optional().meta({ description: 'What became of each record; needed for batches' }),
    failures: failuresSchema.optional().meta({ description: 'Where refused records stand apart from the results (HubSpot 207)' }),
    idempotency: idempotencySchema.optional(),
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
    description: 'Writes records, one or many a request. Templates may use records, record, requests, fields, id, match, matchOn, ref, etag and batch.id',
  });
