import { z } from 'zod';
import { durationSchema } from './primitives.ts';

/** In the place of numbers. */
const PLACES = ['used', 'remaining', 'count'] as const;

const tellsEnough = (format: string) => {
  const has = (place: (typeof PLACES)[number]) => format.includes(`{${place}}`);
  return has('remaining') || (has('used') && has('count'));
};
const namesNoOther = (format: string) => [...format.matchAll(/\{([^}]*)\}/g)].every(([, place]) => PLACES.some((known) => known === place));

export const quotaSchema = z
  .strictObject({
    header: z
      .string()
      .min(1)
      .meta({ description: 'The header of answers', examples: ['Sforce-Limit-Info'] }),
    format: z
      .string()
      .refine(namesNoOther, 'holds no other places than {used}, {remaining} and {count}')
      .refine(tellsEnough, 'says how much there is: {used} with {count}, or {remaining}')
      .meta({
        description: 'How it is written, wherever in the header: {used}, {remaining} and {count} (requests allowed) stand for numbers',
        examples: ['api-usage={used}/{count}'],
      }),
    per: durationSchema.meta({ description: 'In this time' }),
  })
  .meta({
    description:
      'A quota whose use each answer tells, of all who use the account: when nothing is left nobody asks any more, and a request looks now and then whether there is something again',
    examples: [{ header: 'X-Quota', format: '{remaining} of {count}', per: '1d' }],
  });
