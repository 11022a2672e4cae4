import { z } from 'zod';
import { hasOneMethod, ONE_METHOD, requestShape } from './request-shape.ts';

const { as: _, format: __, ...asked } = requestShape;

/** `each` of a write: the request of one record, where one HTTP request carries many. */
export const eachSchema = z
  .strictObject({
    ...asked,
    format: z.enum(['json', 'form']).optional().meta({ description: 'How its body is written: json (default), or the text of a form' }),
  })
  .refine(hasOneMethod, ONE_METHOD)
  .meta({
    id: 'each',
    description:
      "The request of one record, where one HTTP request carries many ($batch of OData and Microsoft Graph, composite of Salesforce). The endpoint's body inserts {requests}: a list of id (the `ref`), method, url, headers and body. Each result is then an answer: by status, headers and body it is judged as any answer is. Templates may use what `record` may, and record",
    examples: [{ patch: '/users/{id}', body: '{record}' }],
  });
