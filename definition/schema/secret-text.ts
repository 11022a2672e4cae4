import { z } from 'zod';

/** A text that is written as a reference to a secret. */
export const secretText = (description: string) => z.string().meta({ description: `${description}: a reference`, examples: ['${secret:NAME}'] });
