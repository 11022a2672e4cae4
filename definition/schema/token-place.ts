import { z } from 'zod';

/** Where a token stands in each request. */
export const tokenPlaceSchema = z
  .strictObject({
    in: z
      .enum(['header', 'cookie', 'query', 'body'])
      .default('header')
      .meta({ description: 'Where the token goes; body: beside the fields of a form or a JSON object' }),
    name: z.string().default('Authorization').meta({ description: 'The header, cookie, parameter or field' }),
    prefix: z.string().optional().meta({ description: 'Put before the token; default: "Bearer " in the header Authorization, else nothing' }),
  })
  .meta({ description: 'How it goes with each request', examples: [{ name: 'X-Access-Token' }, { prefix: 'Token ' }] });
