import { z } from 'zod';
import { ALERT_EVENTS } from '../../engine/alerts.ts';
import { durationSchema, expressionSchema } from './primitives.ts';

const EVENTS = [
  'run-failed: the run failed',
  'run-finished: it ended, and `if` is true of it',
  'credentials-refused: it failed for that',
  'drift-found: fields of the source or records in the target are not as they were',
  'unknown-waiting: writes without an answer wait for a person',
  'deletes-waiting: so do more deletes than `guard` lets pass',
  'no-success: no run has gone well `for` some time, whether or not any began',
];

const ruleSchema = z
  .strictObject({
    on: z.enum(ALERT_EVENTS).meta({ description: EVENTS.join('; ') }),
    if: expressionSchema.optional().meta({
      description: 'With run-failed and run-finished: a condition over the counters of the run: read, written, rejected, held, …',
      examples: ['read > 0 and rejected / read > 0.02'],
    }),
    for: durationSchema.optional().meta({ description: 'With no-success: how long', examples: ['3h'] }),
    notify: z
      .array(z.string())
      .min(1)
      .meta({ description: 'Channels of syncline.yaml', examples: [['ops-slack']] }),
  })
  .refine((alert) => alert.on !== 'run-finished' || alert.if !== undefined, 'run-finished needs `if`: without it every run would be an incident')
  .refine((alert) => alert.on !== 'no-success' || alert.for !== undefined, 'no-success needs `for`: how long it may be without a run that goes well');

export const alertsSchema = z.array(ruleSchema).meta({
  description: 'Who is told when it goes wrong, and when it is well again: once for each incident, not for each run',
  examples: [[{ on: 'run-failed', notify: ['ops-slack'] }]],
});
