import { z } from 'zod';
import { expressionSchema } from './primitives.ts';

/** `list.parents`: the list is one of several, one for each record of another object. */
export const parentsSchema = z
  .strictObject({
    object: z.string().meta({ description: 'The object of the same connection whose records are the parents; it needs a `list`', examples: ['lists'] }),
    parallel: z.number().int().min(1).max(32).default(4).meta({ description: 'Parents whose lists are read side by side' }),
    add: z
      .record(z.string(), expressionSchema)
      .optional()
      .meta({ description: 'Fields that each record gets from its parent, over the parent', examples: [{ list_id: 'id' }] }),
    changed: z.boolean().default(false).meta({
      description: 'Only parents that changed in the window are looked at: right where a change of a record changes its parent, too',
    }),
  })
  .meta({ id: 'parents', description: 'The list is read once for each record of another object; templates may use parent, as in /lists/{parent.id}/members' });
