import { z } from 'zod';
import { expressionSchema } from './primitives.ts';

const place = z.enum(['query', 'body', 'variables']).default('query').meta({ description: 'Where the parameter goes; variables: of the GraphQL document' });
const size = z
  .strictObject({
    param: z.string().meta({ description: 'The parameter', examples: ['limit'] }),
    max: z.number().int().positive().meta({ description: "The API's largest page: it is what is asked for" }),
    in: place,
  })
  .optional()
  .meta({ description: 'How many records a page has' });
const total = expressionSchema.optional().meta({ description: 'In the answer: records in all' });
const hasMore = expressionSchema.optional().meta({ description: 'In the answer: whether there is another page' });
const param = z.string().meta({ description: 'The parameter' });

export const pageSchema = z
  .discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('cursor').meta({ description: 'The answer names a cursor for the next page' }),
      cursor: expressionSchema.meta({ description: 'In the answer: the next cursor; missing after the last page' }),
      param,
      in: place,
      size,
      total,
    }),
    z.strictObject({
      type: z.literal('page').meta({ description: 'Pages are numbered; ends at an empty page, or as total, totalPages or hasMore say' }),
      param: param.default('page'),
      in: place,
      start: z.number().int().default(1).meta({ description: 'Number of the first page' }),
      size,
      total,
      totalPages: expressionSchema.optional().meta({ description: 'In the answer: pages in all' }),
      hasMore,
    }),
    z.strictObject({
      type: z.literal('offset').meta({ description: 'Records are counted; ends at an empty page, or as total or hasMore say' }),
      param: param.default('offset'),
      in: place,
      size,
      total,
      hasMore,
    }),
    z.strictObject({
      type: z.literal('next-url').meta({ description: 'The answer names the address of the next page' }),
      url: expressionSchema.optional().meta({ description: 'In the answer: that address; absent: the `Link` header with rel="next"' }),
      size,
      total,
    }),
    z.strictObject({
      type: z.literal('keyset').meta({ description: 'The next page begins after the last key seen' }),
      key: expressionSchema.meta({ description: 'The key, over the last record of the page' }),
      param,
      in: place,
      size,
      hasMore,
    }),
    z.strictObject({
      type: z.literal('graphql').meta({ description: 'A connection of GraphQL: pages go on after `pageInfo.endCursor` while `pageInfo.hasNextPage`' }),
      pageInfo: expressionSchema
        .optional()
        .meta({ description: 'In the answer: `pageInfo`; default: beside the `nodes` or `edges` of `records`', examples: ['data.contacts.pageInfo'] }),
      param: param.default('after').meta({ description: 'The variable that takes the cursor' }),
      size: z
        .strictObject({
          param: z.string().default('first').meta({ description: 'The variable that takes the size' }),
          max: z.number().int().positive().meta({ description: "The API's largest page: it is what is asked for" }),
        })
        .optional()
        .meta({ description: 'How many records a page has' }),
      total,
    }),
    z.strictObject({ type: z.literal('none').meta({ description: 'One answer has all' }) }),
  ])
  .meta({ id: 'page', description: 'How a list is read page by page' });
