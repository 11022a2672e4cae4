import { z } from 'zod';
import { durationSchema } from './primitives.ts';

export const sourceEventsSchema = z
  .strictObject({
    read: z.enum(['record', 'payload']).default('record').meta({
      description:
        "Where the record is taken from: record (default) reads it at the source by its key, which needs the object's `get`; payload trusts what the delivery holds, and needs `incremental`, by whose field an older one is known",
    }),
    settle: durationSchema.default('2s').meta({
      description:
        'A record that was read for an event just now is read again once no more have come for it for so long, or after five times as long; the first event of a record is not kept waiting',
    }),
  })
  .meta({
    description: 'Deliveries of webhooks name the records that have changed or gone: each is synced at once, beside the runs that read the list',
    examples: [{}, { read: 'payload' }],
  });
