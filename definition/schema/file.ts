import { z } from 'zod';
import { csvShape } from './csv.ts';

const key = z.union([z.string().transform((field): string[] => [field]), z.array(z.string()).min(1)]);

/** Records that files hold. */
export const fileSchema = z
  .strictObject({
    path: z
      .string()
      .min(1)
      .meta({ description: "A file, or a pattern for several (* ? [ ] **), below the connection's folder", examples: ['contacts.csv', 'inbox/*.ndjson'] }),
    format: z.enum(['csv', 'ndjson', 'json']).optional().meta({ description: 'Default: by the ending of its name' }),
    key: key.optional().meta({ description: 'The fields that identify a record, one or several; default id', examples: ['id'] }),
    ...csvShape,
    encoding: z.enum(['utf-8', 'latin1']).optional().meta({ description: 'Default utf-8, with or without a byte order mark' }),
    records: z
      .string()
      .optional()
      .meta({ description: 'JSON: the field in which the list of records stands; default: the file is the list', examples: ['data'] }),
    pageRecords: z.number().int().min(1).max(100_000).optional().meta({ description: 'Records read at once; default 1000' }),
  })
  .meta({ id: 'file', description: 'Records in files: CSV, NDJSON (a JSON object a line) or JSON. Read only' });

export type FileRule = z.output<typeof fileSchema>;
