import { z } from 'zod';
import { ALERT_EVENTS } from '../../engine/alerts.ts';
import { expressionSchema } from './primitives.ts';

export const alertsSchema = z
  .array(
    z
      .strictObject({
        on: z.enum(ALERT_EVENTS).meta({
          description:
            'run-failed: the run failed; run-finished: it ended, and `if` is true of it; credentials-refused: it failed for that; drift-found: fields of the source or records in the target are not as they were; unknown-waiting: writes without an answer wait for a person',
        }),
        if: expressionSchema.optional().meta({
          description: 'A condition over the counters of the run: read, written, rejected, held, …',
          examples: ['read > 0 and rejected / read > 0.02'],
        }),
        notify: z
          .array(z.string())
          .min(1)
          .meta({ description: 'Channels of syncline.yaml', examples: [['ops-slack']] }),
      })
      .refine((alert) => alert.on !== 'run-finished' || alert.if !== undefined, 'run-finished needs `if`: without it every run would be an incident'),
  )
  .meta({
    description: 'Who is told when it goes wrong, and when it is well again: once for each incident, not for each run',
    examples: [[{ on: 'run-failed', notify: ['ops-slack'] }]],
  });
