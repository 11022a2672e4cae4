import { z } from 'zod';
import { authSchema } from './auth.ts';
import { limitsSchema, objectSchema, timeoutsSchema } from './connector.ts';
import { durationSchema } from './primitives.ts';

const accountShape = {
  baseUrl: z.string().optional(),
  auth: authSchema.optional(),
  headers: z.record(z.string(), z.string()).optional(),
  limits: limitsSchema.optional(),
  timeouts: timeoutsSchema.optional(),
  allowPlainHttp: z.boolean().optional().meta({ description: 'HTTP without TLS to a host that is not loopback; default false' }),
  applyDelay: durationSchema
    .optional()
    .meta({ description: 'overrides the connector: the longest the target may still apply a request whose connection is gone' }),
};

/** `connections/NAME.yaml`: a connector with an account. A profile's keys override the connection's own. */
export const connectionSchema = z.strictObject({
  connector: z.string(),
  description: z.string().optional(),
  ...accountShape,
  objects: z.record(z.string(), objectSchema).optional().meta({ description: 'objects of a generic connector, or additions to a known one' }),
  shared: z.boolean().optional().meta({ description: 'the same account in every profile' }),
  profiles: z.record(z.string(), z.strictObject(accountShape)).optional(),
});

export type Connection = z.output<typeof connectionSchema>;
