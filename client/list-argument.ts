import { CsvError, parse } from 'csv-parse/sync';
import { z } from 'zod';
import { quoted } from './output/text.ts';

const END_OF_LIST = '\u0000';

/** `a,b,c` as a list without blanks; as in CSV, a value with a comma in it stands in double quotes: `a,"b,c"`. */
export const listSchema = z
  .string()
  .transform((text, context) => {
    try {
      const [values = []] = parse(text, { recordDelimiter: END_OF_LIST, trim: true, relaxQuotes: true });
      return [...new Set(values.filter((value) => value !== ''))];
    } catch (error) {
      if (!(error instanceof CsvError)) throw error;
      context.addIssue({
        code: 'custom',
        message: 'expected values with commas between, and double quotes around one that has a comma itself, as in \'a,"b,c"\'',
      });
      return z.NEVER;
    }
  })
  .refine((list) => list.length > 0, 'expected at least one value');

/** Values as `listSchema` reads them, as one word of a command to be copied. */
export function quotedList(values: readonly string[]): string {
  return quoted(values.map((value) => (/[",]|^\s|\s$/.test(value) ? `"${value.replaceAll('"', '""')}"` : value)).join(','));
}
