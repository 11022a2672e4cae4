import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import type { ServedQueues } from '../definition/served-queues.ts';

/** What a worker process is told by flags (they win) and environment variables. */
const settingsSchema = z.object({
  /** The project folder: the only source of definitions. */
  project: z.string().transform((path) => resolve(path)),
  profile: z.string().optional(),
  /** host:port of the Temporal server; absent: TEMPORAL_ADDRESS or temporal.toml. */
  address: z.string().optional(),
  /** How soon a lost activity is noticed. */
  heartbeatTimeoutMs: z.coerce.number().int().min(1000).max(600_000).default(20_000),
  /** Activities of each kind that run at once. */
  slots: z.coerce.number().int().min(1).max(1000).default(20),
  /** Task queues of connections: only what reads from them and writes to them, and no workflows. `*`: all of them, and everything else, too. */
  served: z
    .string()
    .default('')
    .transform((text): ServedQueues => {
      const names = text.split(',').flatMap((name) => name.trim() || []);
      return names.includes('*') ? 'all' : names.length === 0 ? 'unnamed' : names;
    }),
  /** Between SIGTERM and the end of running activities: longer than a request may take. */
  shutdownGraceMs: z.coerce.number().int().min(0).default(70_000),
  /** Stops when its stdin ends: it never outlives a program that started it with a pipe, however that program ended. */
  endsWithParent: z.boolean().default(false),
  logLevel: z.enum(['trace', 'debug', 'info', 'warn', 'error']).default('info'),
});

export type WorkerSettings = z.output<typeof settingsSchema>;

export function readSettings(args: readonly string[], env: NodeJS.ProcessEnv): WorkerSettings {
  const { values } = parseArgs({
    args: [...args],
    options: {
      project: { type: 'string' },
      profile: { type: 'string' },
      address: { type: 'string' },
      queue: { type: 'string' },
      'end-with-parent': { type: 'boolean' },
    },
  });
  return settingsSchema.parse({
    project: values.project ?? env['SYNCLINE_PROJECT'] ?? '.',
    profile: values.profile ?? env['SYNCLINE_PROFILE'],
    address: values.address,
    heartbeatTimeoutMs: env['SYNCLINE_HEARTBEAT_TIMEOUT_MS'],
    slots: env['SYNCLINE_SLOTS'],
    served: values.queue ?? env['SYNCLINE_QUEUES'],
    shutdownGraceMs: env['SYNCLINE_SHUTDOWN_GRACE_MS'],
    endsWithParent: values['end-with-parent'],
    logLevel: env['SYNCLINE_LOG_LEVEL'],
  });
}
