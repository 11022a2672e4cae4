import { z } from 'zod';
import { TEXT_FORMATS } from '../../engine/text-format.ts';
import { answerShape } from './answer-shape.ts';
import { bodyTemplateSchema, querySchema, templateSchema } from './primitives.ts';

const path = (method: string) => templateSchema.optional().meta({ description: `${method} this path; one method an endpoint` });

/** The part of an endpoint that says how a request is written. */
export const requestShape = {
  get: path('GET'),
  post: path('POST'),
  put: path('PUT'),
  patch: path('PATCH'),
  delete: path('DELETE'),
  query: querySchema.optional(),
  headers: z.record(z.string(), templateSchema).optional().meta({ description: 'Headers of this request' }),
  body: bodyTemplateSchema.optional().meta({ description: 'The body; strings in it are templates' }),
  format: z
    .enum(['json', 'form', ...TEXT_FORMATS, 'text'])
    .optional()
    .meta({
      description:
        'How the body is written; default json. csv and ndjson: of a list; xml: of one element, attributes by `_name`, the text beside them by `_text`; text: of a text, as it is',
    }),
  ...answerShape,
};
export const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

export type Methods = { readonly [method in (typeof METHODS)[number]]?: string | undefined };

export const hasOneMethod = (endpoint: Methods) => METHODS.filter((method) => endpoint[method] !== undefined).length === 1;
export const ONE_METHOD = 'name exactly one of get, post, put, patch or delete, with its path';
