import { z } from 'zod';
import { authSchema } from './auth.ts';
import type { bulkSchema, exportSchema } from './bulk.ts';
import { changesSchema, deletedSchema, getSchema, listSchema, searchSchema } from './endpoint.ts';
import { exampleSchema } from './example.ts';
import { fieldsEndpointSchema, objectNamesSchema, openapiSchema } from './fields.ts';
import { fileSchema } from './file.ts';
import { limitsSchema, timeoutsSchema } from './limits.ts';
import { moduleSchema } from './object-module.ts';
import type { pageSchema } from './page.ts';
import { expressionSchema, sizeSchema, templateSchema } from './primitives.ts';
import { querySchema, tableSchema } from './table.ts';
import { connectorWebhooksSchema } from './webhooks.ts';
import { writeSchema } from './write.ts';

export const errorRuleSchema = z.strictObject({
  when: expressionSchema.meta({ description: 'Over `status`, `headers` (lower case) and `body`', examples: ['status = 200 and body.errors'] }),
  outcome: z
    .enum(['reject-request', 'retry', 'unprocessed', 'rate-limited', 'quota-spent', 'credentials', 'cursor-expired', 'not-found', 'too-large', 'success'])
    .meta({ description: 'What the answer means' }),
  message: expressionSchema.optional().meta({ description: "The API's words", examples: ['body.errors[0].message'] }),
  until: expressionSchema.optional().meta({ description: 'When to try again: seconds, epoch or date' }),
});

export const hintSchema = z.strictObject({
  match: z.string().meta({ description: 'A regular expression over the API message or code, case-insensitive' }),
  hint: z.string().meta({ description: 'What to do' }),
});

export const objectSchema = z
  .strictObject({
    primaryKey: expressionSchema.default('id').meta({ description: 'In a record: its key' }),
    webUrl: templateSchema.optional().meta({ description: 'A link for people, over `id`', examples: ['https://app.acme.test/contacts/{id}'] }),
    orderedBy: z.string().optional().meta({ description: 'The field by which the list is ordered; only if the API promises it' }),
    values: expressionSchema.optional().meta({ description: 'Where a record keeps its fields, if not at its root (HubSpot: properties)' }),
    unique: z.array(z.string()).optional().meta({ description: 'Fields the API can match on; absent: any' }),
    knownFields: z.array(z.string()).optional().meta({ description: 'All fields of a record: lets `check` find typing mistakes' }),
    fields: fieldsEndpointSchema.optional().meta({ description: 'Where the API tells its fields' }),
    table: tableSchema.optional(),
    query: querySchema.optional(),
    file: fileSchema.optional(),
    module: moduleSchema.optional(),
    list: listSchema.optional(),
    changes: changesSchema.optional(),
    deleted: deletedSchema.optional(),
    get: getSchema.optional(),
    search: searchSchema.optional(),
    create: writeSchema.optional().meta({ description: 'Creates records' }),
    update: writeSchema.optional().meta({ description: 'Changes records by id' }),
    upsert: writeSchema.optional().meta({ description: 'Creates or changes records by their match key' }),
    delete: writeSchema.optional().meta({ description: 'Deletes records by id' }),
  })
  .meta({ id: 'object', description: 'A collection of the API: contacts, invoices, owners' });

const versionSchema = z.union([
  z.strictObject({ header: z.string().meta({ description: 'The header that names the version' }), value: z.string().meta({ description: 'The version' }) }),
  z.strictObject({ path: z.string().meta({ description: 'The version, put behind baseUrl' }) }),
  z.strictObject({
    inPaths: z
      .array(z.string().min(1))
      .min(1)
      .meta({ description: 'Versions that the paths of the endpoints name themselves: each has one of them as a step', examples: [['v3', 'v4']] }),
  }),
]);

export const probeSchema = z
  .strictObject({
    get: templateSchema.optional().meta({ description: 'GET this path' }),
    graphql: z
      .string()
      .min(1)
      .optional()
      .meta({ description: 'Or post this GraphQL query', examples: ['{ shop { id } }'] }),
  })
  .refine(({ get, graphql }) => (get === undefined) !== (graphql === undefined), 'name get, with its path, or a graphql query')
  .meta({ description: 'A cheap request that tells whether the credentials are good' });

/** What a connector speaks to. Absent: a REST API. */
export const CONNECTOR_KINDS = ['postgres', 'sqlite', 'files'] as const;

/** `connectors/NAME.yaml`: what is known about one API. */
export const connectorSchema = z.strictObject({
  description: z.string().optional().meta({ description: 'For people' }),
  docs: z.string().optional().meta({ description: "The API's own documentation" }),
  kind: z.enum(CONNECTOR_KINDS).optional().meta({ description: 'What is no REST API: a database, or files' }),
  baseUrl: z
    .string()
    .optional()
    .meta({ description: 'What all paths begin with', examples: ['https://api.acme.test/v2'] }),
  version: versionSchema
    .optional()
    .meta({ description: 'The version of the API that is spoken', examples: [{ header: 'X-API-Version', value: '2026-01-01' }] }),
  auth: authSchema.optional(),
  headers: z.record(z.string(), z.string()).optional().meta({ description: 'Sent with every request' }),
  limits: limitsSchema.optional(),
  timeouts: timeoutsSchema.optional(),
  maxAnswerBytes: sizeSchema.optional().meta({ description: 'The largest answer that is read; default 64MB' }),
  probe: probeSchema.optional(),
  errors: z.array(errorRuleSchema).optional().meta({ description: 'What answers mean where HTTP alone does not tell; the first that matches counts' }),
  hints: z.array(hintSchema).optional().meta({ description: 'What to do about messages of the API' }),
  openapi: openapiSchema.optional(),
  webhooks: connectorWebhooksSchema.optional(),
  examples: z.array(exampleSchema).optional().meta({ description: 'Exchanges as the API documents them: "syncline connector test" plays them back' }),
  objectNames: objectNamesSchema.optional().meta({ description: 'Where the API tells the names of its objects, for `discover`' }),
  objects: z.record(z.string(), objectSchema).default({}).meta({ description: 'The objects by name; `*` is any other, {object} in it its name' }),
});

export type Connector = z.output<typeof connectorSchema>;
export type ConnectorObject = z.output<typeof objectSchema>;
export type ListEndpoint = z.output<typeof listSchema>;
export type ParentsRule = Exclude<NonNullable<ListEndpoint['parents']>, readonly unknown[]>;
export type WriteEndpoint = z.output<typeof writeSchema>;
export type EachRule = NonNullable<WriteEndpoint['each']>;
export type PageRule = z.output<typeof pageSchema>;
export type BulkRule = z.output<typeof bulkSchema>;
export type BulkPoll = BulkRule['poll'];
export type BulkResults = BulkRule['results'][number];
export type ExportRule = z.output<typeof exportSchema>;
export type ErrorRule = z.output<typeof errorRuleSchema>;
