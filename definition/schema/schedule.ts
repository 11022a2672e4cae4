import { z } from 'zod';
import { durationSchema } from './primitives.ts';

/** What becomes of a run that is due while another is alive. */
export const OVERLAPS = ['skip', 'buffer-one', 'buffer-all', 'cancel-other'] as const;

const field = z.union([z.number().int(), z.string()]);
const calendarSchema = z
  .strictObject({
    second: field.optional().meta({ description: '0 to 59; default 0' }),
    minute: field.optional().meta({ description: '0 to 59; default 0' }),
    hour: field.optional().meta({ description: '0 to 23; default 0' }),
    dayOfMonth: field.optional().meta({ description: '1 to 31; default every day' }),
    month: field.optional().meta({ description: '1 to 12; default every month' }),
    year: field.optional().meta({ description: 'Default every year' }),
    dayOfWeek: field.optional().meta({ description: '0 (Sunday) to 6; default every day' }),
  })
  .meta({ description: 'A number, or a range with a step as text: 1-5, 0-23/2, *' });

const timeSchema = z.iso.datetime({ offset: true, error: 'must be a time with its zone, like 2026-03-01T08:00:00Z' });

export const scheduleSchema = z
  .strictObject({
    every: durationSchema.optional().meta({ description: 'An interval', examples: ['1h'] }),
    offset: durationSchema.optional().meta({ description: 'With every: so long after the full interval', examples: ['10m'] }),
    cron: z
      .union([z.string(), z.array(z.string()).min(1)])
      .optional()
      .meta({ description: 'Five fields: minute, hour, day of month, month, day of week', examples: ['30 6 * * 1-5'] }),
    calendar: z
      .union([calendarSchema, z.array(calendarSchema).min(1)])
      .optional()
      .meta({ description: 'Times of a calendar', examples: [{ hour: '8-18', dayOfWeek: '1-5' }] }),
    timezone: z
      .string()
      .optional()
      .meta({ description: 'Of cron and calendar, by its IANA name; default UTC', examples: ['Europe/Berlin'] }),
    jitter: durationSchema.optional().meta({ description: 'Each run begins up to so much later, so that not all begin at once' }),
    overlap: z.enum(OVERLAPS).optional().meta({
      description:
        'While another run of the sync is alive: skip (default), buffer-one and buffer-all (one of them, or all, run afterwards), cancel-other (that one is cancelled first)',
    }),
    catchupWindow: durationSchema
      .optional()
      .meta({ description: 'What was missed while the server was down is run afterwards, if no older than this; default 1d' }),
    pauseAfterFailures: z
      .number()
      .int()
      .min(1)
      .optional()
      .meta({ description: 'The schedule is paused after so many failures in a row; default: never, but for refused credentials' }),
    startAt: timeSchema.optional().meta({ description: 'Not before', examples: ['2026-03-01T08:00:00Z'] }),
    endAt: timeSchema.optional().meta({ description: 'Not after' }),
  })
  .refine(
    (schedule) => [schedule.every, schedule.cron, schedule.calendar].filter((when) => when !== undefined).length === 1,
    'name exactly one of every, cron or calendar',
  )
  .refine(({ every, offset }) => offset === undefined || every !== undefined, 'offset goes with every')
  .meta({ description: 'When the sync runs by itself: "syncline schedule apply" makes the Temporal schedules equal to this' });

export type Schedule = z.output<typeof scheduleSchema>;
