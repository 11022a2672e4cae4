import { z } from 'zod';
import { expressionSchema } from './primitives.ts';

const parentSchema = z
  .strictObject({
    object: z
      .string()
      .optional()
      .meta({
        description: 'The object of the same connection whose records are the parents; it needs a `list`, which may have parents itself',
        examples: ['lists'],
      }),
    values: z
      .array(z.union([z.string(), z.number(), z.boolean()]))
      .min(1)
      .optional()
      .meta({
        description: 'The list is read once for each of these, which templates insert as {parent.value}; with `object`, of each parent once for each',
        examples: [['active', 'archived']],
      }),
    group: z
      .number()
      .int()
      .min(2)
      .max(1_000)
      .optional()
      .meta({ description: 'So many parents are asked for in one request: templates insert the list of them, as in {$join(parents.id, ",")}', examples: [50] }),
    within: expressionSchema.optional().meta({
      description:
        'Over a parent: where it holds the first page of its list, as the list itself would answer it. It is taken from there, without a request; further pages are asked for',
      examples: ['lines'],
    }),
    parallel: z.number().int().min(1).max(32).default(4).meta({ description: 'Parents whose lists are read side by side' }),
    add: z
      .record(z.string(), expressionSchema)
      .optional()
      .meta({ description: 'Fields that each record gets from its parent, over the parent', examples: [{ list_id: 'id' }] }),
    changed: z.boolean().default(false).meta({
      description: 'Only parents that changed in the window are looked at: right where a change of a record changes its parent, too',
    }),
  })
  .refine(({ object, values }) => object !== undefined || values !== undefined, 'name the `object` whose records are the parents, or `values`')
  .refine(
    ({ object, within, changed }) => object !== undefined || (within === undefined && !changed),
    '`within` and `changed` are of parents that are records: name their `object`',
  )
  .refine(
    ({ group, within, add }) => group === undefined || (within === undefined && add === undefined),
    'of a `group` nobody knows whose a record is: take `within` and `add` away',
  );

/** `list.parents`: the list is one of several, one for each record of another object. */
export const parentsSchema = z.union([parentSchema, z.array(parentSchema).min(1)]).meta({
  id: 'parents',
  description:
    'The list is read once for each record of another object; templates may use parent, as in /lists/{parent.id}/members. Of several kinds of parents, one after the other: {parentObject} is the name of its object',
  examples: [{ object: 'lists' }, [{ object: 'lists' }, { object: 'segments' }]],
});
