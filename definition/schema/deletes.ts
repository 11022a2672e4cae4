import { z } from 'zod';
import { SYNC_MODES } from '../../engine/outcome.ts';
import { expressionSchema } from './primitives.ts';

const constant = z.union([z.string(), z.number(), z.boolean(), z.null()]);

export const modeSchema = z
  .union([
    z.enum(SYNC_MODES).exclude(['archive']),
    z.strictObject({
      archive: z
        .strictObject({
          set: z
            .record(z.string(), constant)
            .refine((set) => Object.keys(set).length > 0, 'set at least one field')
            .meta({ description: 'Target field: the value it gets when the record has gone', examples: [{ lifecyclestage: 'other' }] }),
        })
        .meta({ description: 'As mirror, but a record that has gone is changed and not deleted' }),
    }),
  ])
  .meta({
    description:
      'What is done to the target: upsert (create and update), insert (create what is not there), update (only what is there), mirror (upsert, and delete what the source no longer has), archive (as mirror, but fields are set instead)',
    examples: ['mirror', { archive: { set: { lifecyclestage: 'other' } } }],
  });

export const deleteSchema = z
  .strictObject({
    scope: z.enum(['created', 'linked']).optional().meta({
      description: 'Which records mirror and archive may take: those this sync created (default), or also those it found there. Others are reported as extra',
    }),
  })
  .meta({ description: 'What may be deleted' });

export const sourceDeletesSchema = z
  .strictObject({
    tombstone: expressionSchema.optional().meta({ description: 'True for a record that the source keeps as deleted', examples: ['is_deleted'] }),
    endpoint: z
      .literal('deleted')
      .optional()
      .meta({ description: "The object's `deleted` endpoint is read for what was deleted since the last run; with incremental" }),
  })
  .refine(({ tombstone, endpoint }) => tombstone !== undefined || endpoint !== undefined, 'name tombstone or endpoint')
  .meta({
    description: 'How the source tells what it has deleted; absent: by a complete read that no longer has it',
    examples: [{ tombstone: 'is_deleted' }, { endpoint: 'deleted' }],
  });
