import { z } from 'zod';

/** How many records are written as one text. */
export const fileFormat = z.enum(['csv', 'ndjson', 'json']);

export const jobFileSchema = z
  .strictObject({
    part: z.string().meta({ description: 'The name of the part that is the file', examples: ['files'] }),
    name: z.string().default('records.csv').meta({ description: 'The name that the file is given' }),
    as: fileFormat.default('csv').meta({ description: 'How the records are written' }),
  })
  .meta({
    id: 'job-file',
    description:
      'The records go as a file of a multipart/form-data request. Its `body` names the other parts, which come first: texts as they are, all else as JSON. Templates of it may insert columns, the names of the fields in the file',
  });
