import { z } from 'zod';
import { parseDuration, parseSize } from '../../engine/duration.ts';

/** `30s`, `5m`, `1h`, `7d`: kept as written; read with `parseDuration`. */
export const durationSchema = z
  .string('a duration such as 30s, 5m, 1h or 7d')
  .refine((text) => parseDuration(text) !== undefined, 'expected a duration such as 30s, 5m, 1h or 7d')
  .meta({
    id: 'duration',
    description: 'A duration: a number and ms, s, m, h or d',
    pattern: '^\\s*\\d+(\\.\\d+)?(ms|s|m|h|d)\\s*$',
    examples: ['30s', '5m', '1h'],
  });

/** `1MB`, `500KB`: kept as written; read with `parseSize`. */
export const sizeSchema = z
  .string('a size such as 500KB or 1MB')
  .refine((text) => parseSize(text) !== undefined, 'expected a size such as 500KB or 1MB')
  .meta({ id: 'size', description: 'A size: a number and B, KB, MB or GB', pattern: '^\\s*\\d+(\\.\\d+)?(B|KB|MB|GB)\\s*$', examples: ['500KB', '1MB'] });

/** JSONata; a plain path is JSONata too. */
export const expressionSchema = z
  .string()
  .min(1)
  .meta({
    id: 'expression',
    description: 'A JSONata expression; a plain path such as `data.items` is one too',
    examples: ['data.items', "first_name & ' ' & last_name"],
  });

/** Literal text in which `{expression}` inserts a value; a string that is only `{expression}` keeps its type. */
export const templateSchema = z.string().meta({
  id: 'template',
  description: 'Text in which {expression} inserts a value; a string that is only {expression} keeps its type; {{ and }} are braces',
  examples: ['/contacts/{id}'],
});

/** Any JSON in which strings are templates. */
export const bodyTemplateSchema = z.json().meta({ description: 'Any value; strings in it are templates' });

export const queryValueSchema = z.union([
  templateSchema,
  z.number(),
  z.boolean(),
  z.strictObject({
    value: z.union([templateSchema, z.number(), z.boolean()]).meta({ description: 'The value' }),
    optional: z.boolean().default(false).meta({ description: 'Leave the parameter out where the value is missing or null; otherwise that is an error' }),
  }),
]);
export const querySchema = z
  .record(z.string(), queryValueSchema)
  .meta({ description: 'Query parameters', examples: [{ page_size: 100, updated_after: { value: '{window.from}', optional: true } }] });
