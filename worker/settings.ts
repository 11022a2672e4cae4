import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import type { ServedQueues } from '../definition/served-queues.ts';
import { SyncError } from '../engine/errors.ts';

/** Of the machine, or of the container's limit. */
const percent = z.coerce.number().min(1).max(100).default(80);
const slotsExpected = 'expected "auto" or a whole number from 1 to 1,000';
const slots = z.union([z.literal('auto'), z.coerce.number(slotsExpected).int(slotsExpected).min(1, slotsExpected).max(1000, slotsExpected)], slotsExpected);
const isName = (text: string) => /^[\w/-]{1,200}$/.test(text) && !text.startsWith('__');

/** What a worker process is told by flags (they win) and environment variables. */
const settingsSchema = z.object({
  /** The project folder: the only source of definitions. */
  project: z.string().transform((path) => resolve(path)),
  profile: z.string().optional(),
  /** host:port of the Temporal server; absent: TEMPORAL_ADDRESS or temporal.toml. */
  address: z.string().optional(),
  /** How soon a lost activity is noticed. */
  heartbeatTimeoutMs: z.coerce.number().int().min(1000).max(600_000).default(20_000),
  /** Activities of each kind that run at once; `auto`: as many as the targets for CPU and memory leave room for. */
  slots: slots.default(20),
  /** With `slots: auto`: no more is begun above it. */
  targetCpuPercent: percent,
  /** With `slots: auto`: no more is begun above it. */
  targetMemoryPercent: percent,
  /** Which build of Syncline and its workflows this is; absent: the worker takes part in no versioning. */
  buildId: z.string().max(200).optional(),
  /** The workers that builds belong to; absent: those of the project and profile. */
  deployment: z.string().refine(isName, 'expected letters, digits, "-", "_" and "/"').optional(),
  /** Whether a run ends on the build it began on. */
  versioning: z.enum(['pinned', 'auto-upgrade']).default('auto-upgrade'),
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
  /** Where Prometheus finds the metrics; absent: nowhere. */
  metrics: z
    .string()
    .regex(/^(\[[0-9a-f:]+\]|[\d.]+):\d+$/, 'must be ADDRESS:PORT, as 0.0.0.0:9464')
    .optional(),
  logLevel: z.enum(['trace', 'debug', 'info', 'warn', 'error']).default('info'),
});

export type WorkerSettings = z.output<typeof settingsSchema>;

const VARIABLES = {
  profile: 'SYNCLINE_PROFILE',
  heartbeatTimeoutMs: 'SYNCLINE_HEARTBEAT_TIMEOUT_MS',
  slots: 'SYNCLINE_SLOTS',
  served: 'SYNCLINE_QUEUES',
  targetCpuPercent: 'SYNCLINE_TARGET_CPU_PERCENT',
  targetMemoryPercent: 'SYNCLINE_TARGET_MEMORY_PERCENT',
  buildId: 'SYNCLINE_BUILD_ID',
  deployment: 'SYNCLINE_DEPLOYMENT',
  versioning: 'SYNCLINE_VERSIONING',
  shutdownGraceMs: 'SYNCLINE_SHUTDOWN_GRACE_MS',
  metrics: 'SYNCLINE_METRICS',
  logLevel: 'SYNCLINE_LOG_LEVEL',
} as const;

/** @throws SyncError DEFINITION_INVALID naming the variables that cannot be used */
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
  // Compose and Kubernetes pass on what is not set as an empty text.
  const set = Object.entries(VARIABLES).flatMap(([key, name]) => (env[name] ? [[key, env[name]] as const] : []));
  const parsed = settingsSchema.safeParse({
    ...Object.fromEntries(set),
    project: values.project ?? env['SYNCLINE_PROJECT'] ?? '.',
    ...(values.profile === undefined ? {} : { profile: values.profile }),
    address: values.address,
    ...(values.queue === undefined ? {} : { served: values.queue }),
    endsWithParent: values['end-with-parent'],
  });
  if (!parsed.success) throw unusable(parsed.error);
  const { buildId, deployment } = parsed.data;
  if (buildId !== undefined || (deployment === undefined && !env['SYNCLINE_VERSIONING'])) return parsed.data;
  throw invalid('SYNCLINE_BUILD_ID is not set. SYNCLINE_DEPLOYMENT and SYNCLINE_VERSIONING mean nothing without it: set it, or leave out all three.');
}

function unusable({ issues }: z.ZodError): SyncError {
  const nameOf = (setting: unknown) => Object.entries(VARIABLES).find(([key]) => key === setting)?.[1] ?? String(setting);
  const words = issues.map(({ path, message }) => `${nameOf(path[0])}: ${message}`).join('; ');
  return invalid(`A setting of the worker cannot be used: ${words}. See "Settings" in docs/operating.md.`);
}

function invalid(message: string): SyncError {
  return new SyncError({ code: 'DEFINITION_INVALID', retry: 'never', message });
}
