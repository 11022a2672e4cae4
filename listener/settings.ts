import { parseArgs } from 'node:util';
import { z } from 'zod';
import { SyncError } from '../engine/errors.ts';

/** What a listener process is told by flags (they win) and environment variables. */
const settingsSchema = z.object({
  project: z.string(),
  profile: z.string().optional(),
  /** The address to listen at: this machine alone, unless it is told otherwise. */
  host: z.string().default('127.0.0.1'),
  port: z.coerce.number().int().min(0).max(65_535).default(8700),
  /** Between SIGTERM and the end of requests in flight. */
  graceMs: z.coerce.number().int().min(0).default(20_000),
  /** Stops when its stdin ends: it never outlives a program that started it with a pipe, however that program ended. */
  endsWithParent: z.boolean().default(false),
  /** host:port, where metrics are served; absent: nowhere. */
  metrics: z
    .string()
    .regex(/^(\[[0-9a-f:]+\]|[\d.]+):\d+$/, 'must be ADDRESS:PORT, as 0.0.0.0:9465')
    .optional(),
  logLevel: z.enum(['trace', 'debug', 'info', 'warn', 'error']).default('info'),
});

export type ListenerSettings = z.output<typeof settingsSchema>;

const VARIABLES = {
  profile: 'SYNCLINE_PROFILE',
  host: 'SYNCLINE_LISTEN_HOST',
  port: 'SYNCLINE_LISTEN_PORT',
  graceMs: 'SYNCLINE_LISTEN_GRACE_MS',
  metrics: 'SYNCLINE_LISTEN_METRICS',
  logLevel: 'SYNCLINE_LOG_LEVEL',
} as const;

/** @throws SyncError DEFINITION_INVALID naming what cannot be used */
export function readListenerSettings(args: readonly string[], env: NodeJS.ProcessEnv): ListenerSettings {
  const { values } = parseArgs({
    args: [...args],
    options: {
      project: { type: 'string' },
      profile: { type: 'string' },
      host: { type: 'string' },
      port: { type: 'string' },
      'end-with-parent': { type: 'boolean' },
    },
  });
  // Compose and Kubernetes pass on what is not set as an empty text.
  const set = Object.entries(VARIABLES).flatMap(([key, name]) => (env[name] ? [[key, env[name]] as const] : []));
  const { 'end-with-parent': endsWithParent, ...flags } = values;
  const parsed = settingsSchema.safeParse({ project: env['SYNCLINE_PROJECT'] ?? '.', ...Object.fromEntries(set), ...flags, endsWithParent });
  if (parsed.success) return parsed.data;
  const nameOf = (setting: unknown) => Object.entries(VARIABLES).find(([key]) => key === setting)?.[1] ?? String(setting);
  const words = parsed.error.issues.map(({ path, message }) => `${nameOf(path[0])}: ${message}`).join('; ');
  const message = `A setting of the listener cannot be used: ${words}. See "The listener" in docs/operating.md.`;
  throw new SyncError({ code: 'DEFINITION_INVALID', retry: 'never', message });
}
