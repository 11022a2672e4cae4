import { z } from 'zod';

/** Where a token stands in each request. */
export const tokenPlaceSchema = z
  .strictObject({
    in: z.enum(['header', 'cookie', 'query']).default('header').meta({ description: 'Where the token goes' }),
    name: z.string().default('Authorization').meta({ description: 'The header, cookie or parameter' }),
    prefix: z.string().optional().meta({ description: 'Put before the token; default: "Bearer " in the header Authorization, else nothing' }),
  })
  .meta({ description: 'How it goes with each request', examples: [{ name: 'X-Access-Token' }, { prefix: 'Token ' }] });
