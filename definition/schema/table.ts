import { z } from 'zod';

const NAME = /^[^\p{C}]{1,128}$/u;
const columnName = z.string().regex(NAME, 'must be the name of a column');
const columnType = z
  .string()
  .regex(
    /^[A-Za-z][A-Za-z0-9_ ]*(?:\(\s*\d+(?:\s*,\s*\d+)?\s*\))?(?: (?:with|without) time zone)?(?:\[\])?$/,
    'must be a type such as text, numeric(12,2) or timestamptz',
  );

const keySchema = z
  .union([columnName.transform((column): string[] => [column]), z.array(columnName).min(1)])
  .optional()
  .meta({ description: "The columns that identify a row, one or several; default: the table's primary key", examples: ['id', ['source', 'source_id']] });
const pageRows = z.number().int().min(1).max(100_000).optional().meta({ description: 'Rows read at once; fewer where they are large; default 1000' });

const tableShape = z.strictObject({
  name: z
    .string()
    .regex(NAME, 'must be the name of a table')
    .meta({ description: 'The table or view, with its schema where it is not the usual one', examples: ['crm.contacts'] }),
  key: keySchema,
  pageRows,
  createTable: z.boolean().optional().meta({ description: 'Makes the table where it is missing, with the match key as its primary key; default false' }),
  widen: z.boolean().optional().meta({
    description:
      'Adds the columns that the mapping has and the table has not, and the unique index that matching needs; changes and drops nothing; default false',
  }),
  columns: z
    .record(columnName, columnType)
    .optional()
    .meta({
      description: 'Types of columns that Syncline makes; default: by their first values',
      examples: [{ amount: 'numeric(12,2)', signed_at: 'timestamptz' }],
    }),
  syncedAt: columnName.optional().meta({ description: 'A column that is set to the time of each write', examples: ['_syncline_synced_at'] }),
});

/** A table of a database: read and written without any endpoint. */
export const tableSchema = z
  .union([
    z
      .string()
      .regex(NAME, 'must be the name of a table')
      .transform((name): z.output<typeof tableShape> => ({ name })),
    tableShape,
  ])
  .meta({ id: 'table', description: 'Of a database: a table or a view. A text alone is its name' });

/** Rows that a statement gives. */
export const querySchema = z
  .strictObject({
    select: z
      .string()
      .regex(/^\s*(?:select|with)\b/i, 'must begin with SELECT or WITH')
      .meta({ description: 'The statement; it runs read-only, and page by page' }),
    key: z
      .union([columnName.transform((column): string[] => [column]), z.array(columnName).min(1)])
      .meta({ description: 'The columns of its answer that identify a row', examples: ['id'] }),
    pageRows,
  })
  .meta({ id: 'query', description: 'Of a database: the rows that a statement gives. Read only' });

export type TableRule = z.output<typeof tableSchema>;
export type QueryRule = z.output<typeof querySchema>;
