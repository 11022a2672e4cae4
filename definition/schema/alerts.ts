import { z } from 'zod';
import { ALERT_EVENTS, SEVERITIES } from '../../engine/alerts.ts';
import { durationSchema, expressionSchema } from './primitives.ts';

const EVENTS = [
  'run-failed: the run failed',
  'run-finished: it ended, and `if` is true of it',
  'credentials-refused: it failed for that',
  'drift-found: fields of the source or records in the target are not as they were',
  'unknown-waiting: writes without an answer wait for a person',
  'deletes-waiting: so do more deletes than `guard` lets pass',
  'events-waiting: what a webhook told waits to be done `for` some time',
  'no-success: no run has gone well `for` some time, whether or not any began',
  'slower-than-usual: a run takes longer, or has taken, than those before it did',
  'quota-nearly-spent: little of a quota of its connections is `left`',
  'credentials-expiring: credentials of its connections expire `within` some time: as `expiresAt` of `auth` says, or the API of a refresh token',
];

const ruleSchema = z
  .strictObject({
    on: z.enum(ALERT_EVENTS).meta({ description: EVENTS.join('; ') }),
    if: expressionSchema.optional().meta({
      description: 'With run-failed and run-finished: a condition over the counters of the run: read, written, rejected, held, …',
      examples: ['read > 0 and rejected / read > 0.02'],
    }),
    for: durationSchema.optional().meta({ description: 'With no-success and events-waiting: how long', examples: ['3h'] }),
    by: z
      .string()
      .regex(/^\d+(\.\d+)?x$/, 'must be a multiple: 2x, 1.5x')
      .optional()
      .meta({ description: 'With slower-than-usual: how many times the usual, which is the median; default 2x', examples: ['2x'] }),
    atLeast: durationSchema.optional().meta({ description: 'With slower-than-usual: a run that takes no longer is never slow; default 5m' }),
    runs: z
      .number()
      .int()
      .min(3)
      .max(50)
      .optional()
      .meta({ description: 'With slower-than-usual: the last so many runs of its kind that went well say what is usual; default 10' }),
    left: z
      .string()
      .regex(/^\d+(\.\d+)?%$/, 'must be a part of the quota: 10%')
      .optional()
      .meta({ description: 'With quota-nearly-spent: of a window of an hour or more, declared or announced by the API', examples: ['10%'] }),
    within: durationSchema.optional().meta({ description: 'With credentials-expiring: so long before', examples: ['7d'] }),
    severity: z.enum(SEVERITIES).optional().meta({ description: 'How bad it is, for PagerDuty; default: as the channel says' }),
    notify: z
      .array(z.string())
      .min(1)
      .meta({ description: 'Channels of syncline.yaml', examples: [['ops-slack']] }),
  })
  .refine((alert) => alert.on !== 'run-finished' || alert.if !== undefined, 'run-finished needs `if`: without it every run would be an incident')
  .refine((alert) => alert.on !== 'no-success' || alert.for !== undefined, 'no-success needs `for`: how long it may be without a run that goes well')
  .refine((alert) => alert.on !== 'events-waiting' || alert.for !== undefined, 'events-waiting needs `for`: how long an event may wait, such as 10m')
  .refine((alert) => alert.on !== 'quota-nearly-spent' || alert.left !== undefined, 'quota-nearly-spent needs `left`: of how much is to be told, such as 10%')
  .refine(
    (alert) => alert.on !== 'credentials-expiring' || alert.within !== undefined,
    'credentials-expiring needs `within`: how long before it is to be told, such as 7d',
  );

export const alertsSchema = z.array(ruleSchema).meta({
  description: 'Who is told when it goes wrong, and when it is well again: once for each incident, not for each run',
  examples: [[{ on: 'run-failed', notify: ['ops-slack'] }]],
});
