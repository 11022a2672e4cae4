import { z } from 'zod';
import { ANSWER_FORMATS } from '../../engine/text-format.ts';
import { csvShape } from './csv.ts';

/** The part of an endpoint that says how its answers are written. */
export const answerShape = {
  as: z
    .enum(['json', ...ANSWER_FORMATS])
    .optional()
    .meta({
      description:
        'How the answer is written; default json. csv, ndjson (objects one after another, on lines of their own or not) and lines (of text: `line`) are lists (`records: $`); xml is a tree of text, attributes by `_name`',
    }),
  csv: z
    .strictObject(csvShape)
    .optional()
    .meta({ description: 'How CSV of the answer is written, where not with commas and a header', examples: [{ delimiter: ';' }] }),
  encoding: z
    .string()
    .refine(isEncoding, 'is no encoding that is known, such as latin1, windows-1252 or utf-16le')
    .optional()
    .meta({ description: 'Of the answer; default: as its content type says, or XML itself, else utf-8', examples: ['windows-1252'] }),
  unzip: z
    .string()
    .min(1)
    .optional()
    .meta({
      description:
        'The answer is a ZIP archive: a pattern for the files in it that are read, one after the other. Of json and xml they are a list of documents',
      examples: ['*.csv', '**/*'],
    }),
};

function isEncoding(label: string): boolean {
  try {
    return new TextDecoder(label).encoding !== '';
  } catch {
    return false;
  }
}
