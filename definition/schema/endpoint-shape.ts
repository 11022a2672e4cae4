import { z } from 'zod';
import { bodyTemplateSchema } from './primitives.ts';
import { METHODS, type Methods, requestShape as plainShape } from './request-shape.ts';

/** The part of an endpoint that says how a request is written: as REST has it, or as a GraphQL document. */
export const requestShape = {
  ...plainShape,
  graphql: z
    .string()
    .min(1)
    .optional()
    .meta({
      description:
        'A GraphQL document with one operation, posted to `baseUrl` (or to the path of `post`) in the place of a body. A mutation of one field is batched by alias: `max` of them a request',
      examples: ['query ($after: String) { contacts(first: 100, after: $after) { nodes { id email } pageInfo { hasNextPage endCursor } } }'],
    }),
  variables: z
    .record(z.string(), bodyTemplateSchema)
    .optional()
    .meta({
      description: 'Of the GraphQL document, by name; strings in them are templates. What is missing is left out. Of a write: those of one record',
      examples: [{ input: '{fields}' }],
    }),
};
type Addressed = Methods & { readonly graphql?: string | undefined };
const methodsOf = (endpoint: Addressed) => METHODS.filter((method) => endpoint[method] !== undefined);
/** A GraphQL document may have a `post` for its path, and needs none. */
export const hasOneMethod = (endpoint: Addressed) => {
  const methods = methodsOf(endpoint);
  return endpoint.graphql === undefined ? methods.length === 1 : methods.every((method) => method === 'post') && methods.length <= 1;
};
export const hasNoMethod = (endpoint: Addressed) => endpoint.graphql === undefined && methodsOf(endpoint).length === 0;
export const ONE_METHOD = 'name exactly one of get, post, put, patch or delete, with its path; or a graphql document';
