import { z } from 'zod';

/** A dialect of CSV: of files and of answers. */
export const csvShape = {
  delimiter: z
    .string()
    .min(1)
    .max(4)
    .optional()
    .meta({ description: 'CSV: what stands between two values; default a comma', examples: [';', '\t'] }),
  quote: z.string().length(1).optional().meta({ description: 'CSV: what values with delimiters or line breaks are put in; default "' }),
  columns: z.array(z.string().min(1)).min(1).optional().meta({ description: 'CSV: names of the columns, where the first line does not have them' }),
  emptyIsNull: z.boolean().optional().meta({ description: 'CSV: an empty value is null; default true' }),
  nulls: z
    .array(z.string().min(1))
    .min(1)
    .optional()
    .meta({ description: 'CSV: words that mean null, in quotes or not', examples: [['NULL', '\\N']] }),
};
