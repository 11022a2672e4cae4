import { z } from 'zod';
import { authSchema } from './auth.ts';
import { objectSchema } from './connector.ts';
import { openapiSchema } from './fields.ts';
import { limitsSchema, timeoutsSchema } from './limits.ts';
import { durationSchema } from './primitives.ts';
import { tlsSchema } from './tls.ts';
import { connectionWebhooksSchema } from './webhooks.ts';

const accountShape = {
  baseUrl: z
    .string()
    .optional()
    .meta({ description: "What all paths begin with; default: the connector's", examples: ['https://api.acme.test/v2'] }),
  database: z
    .string()
    .optional()
    .meta({
      description: 'Of a database: PostgreSQL: the secret that holds its URL; SQLite: its file, from the project folder',
      examples: ['${secret:WAREHOUSE_URL}', 'data/crm.db'],
    }),
  folder: z
    .string()
    .optional()
    .meta({ description: 'Of files: where they are, from the project folder; default: that folder itself', examples: ['inbox', '/srv/exports'] }),
  auth: authSchema.optional(),
  tls: tlsSchema.optional(),
  headers: z.record(z.string(), z.string()).optional().meta({ description: 'Sent with every request, beside those of the connector' }),
  limits: limitsSchema.optional(),
  timeouts: timeoutsSchema.optional(),
  allowPlainHttp: z.boolean().optional().meta({ description: 'HTTP without TLS to a host that is not loopback; default false' }),
  applyDelay: durationSchema
    .optional()
    .meta({ description: 'Overrides the connector: the longest the target may still apply a request whose connection is gone' }),
  webhooks: connectionWebhooksSchema.optional(),
  taskQueue: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'must be a name: letters, digits, hyphens, dots and underscores')
    .optional()
    .meta({
      description: 'Only workers started with this --queue talk to the account, and only they need its secrets: where one must sit in a certain network',
      examples: ['datacenter'],
    }),
};

/** `connections/NAME.yaml`: a connector with an account. A profile's keys override the connection's own. */
export const connectionSchema = z.strictObject({
  connector: z
    .string()
    .meta({ description: 'One that ships (hubspot; generic-rest for any other API) or stands in connectors/', examples: ['hubspot', 'generic-rest'] }),
  description: z.string().optional().meta({ description: 'For people' }),
  ...accountShape,
  objects: z.record(z.string(), objectSchema).optional().meta({ description: 'Objects of a generic connector, or in the place of those of a known one' }),
  openapi: openapiSchema.optional(),
  shared: z.boolean().optional().meta({ description: 'The same account in every profile; otherwise a profile that is not here is an error' }),
  profiles: z
    .record(z.string(), z.strictObject(accountShape))
    .optional()
    .meta({ description: "Accounts by profile; a profile's keys go before the connection's own" }),
});

export type Connection = z.output<typeof connectionSchema>;
