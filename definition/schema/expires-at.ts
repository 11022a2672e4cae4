import { z } from 'zod';

/** When credentials end that a person has to renew. */
export const expiresAtSchema = z
  .union([z.iso.date(), z.iso.datetime({ offset: true })], 'must be a day or a time with its zone: 2027-03-01, 2027-03-01T08:00:00Z')
  .optional()
  .meta({ description: 'When what a person has to renew expires, for the alert credentials-expiring', examples: ['2027-03-01'] });
