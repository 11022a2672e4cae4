import { z } from 'zod';

/** What a documented exchange shows, by the key of the manifest that it is an example of. */
const EXAMPLE_OPERATIONS = ['list', 'changes', 'deleted', 'get', 'search', 'create', 'update', 'upsert', 'delete'] as const;

const exchangeSchema = z.strictObject({
  request: z
    .string()
    .meta({ description: 'Method and path as the documentation writes them; its parameters must be asked for', examples: ['GET /v1/customers?limit=100'] }),
  status: z.number().int().min(100).max(599).default(200).meta({ description: 'The status of the answer' }),
  headers: z.record(z.string(), z.string()).default({}).meta({ description: 'Headers of the answer' }),
  answer: z.json().default(null).meta({ description: 'The body of the answer; a text is sent as it is' }),
});

const sentSchema = z.strictObject({
  fields: z.record(z.string(), z.json()).meta({ description: 'Its fields' }),
  match: z.string().default('').meta({ description: 'Its match value' }),
  id: z.string().optional().meta({ description: 'Its target id' }),
});

/** Requests and answers as a vendor documents them: the connector kit plays them back, and holds the connector against what they mean. */
export const exampleSchema = z
  .strictObject({
    object: z.string().meta({ description: 'The object' }),
    of: z.enum(EXAMPLE_OPERATIONS).meta({ description: 'What is done' }),
    link: z.string().meta({ description: 'Where it is documented' }),
    exchanges: z.array(exchangeSchema).min(1).meta({ description: 'Requests with their answers' }),
    matchOn: z.string().optional().meta({ description: 'Of searches and writes: the match key' }),
    keys: z
      .array(z.string())
      .default([])
      .meta({ description: 'Of get and search: what is asked for. Of list, changes and deleted: the keys of all records that are read, in their order' }),
    send: z.array(sentSchema).default([]).meta({ description: 'Of writes: the records of one request' }),
    outcomes: z
      .array(z.enum(['written', 'rejected', 'again', 'moved', 'unknown']))
      .default([])
      .meta({ description: 'Of writes: what becomes of each record' }),
    ids: z.array(z.string()).default([]).meta({ description: 'Of search and writes: the target ids that are found or told' }),
  })
  .meta({ id: 'example', description: 'A documented exchange, which "syncline connector test" plays back' });

export type ConnectorExample = z.output<typeof exampleSchema>;
