import { z } from 'zod';
import { CONFLICT_POLICIES } from '../engine/merge-fields.ts';
import { FORMATS } from '../engine/same-value.ts';
import { alertsSchema } from './schema/alerts.ts';
import { authSchema } from './schema/auth.ts';
import { channelsSchema } from './schema/channels.ts';
import { CONNECTOR_KINDS, errorRuleSchema, hintSchema, objectSchema, probeSchema } from './schema/connector.ts';
import { DRIFT_RULES } from './schema/drift.ts';
import { objectNamesSchema } from './schema/fields.ts';
import { limitsSchema } from './schema/limits.ts';
import { resultsSchema } from './schema/results.ts';
import { scheduleSchema } from './schema/schedule.ts';
import { syncSchema } from './schema/sync.ts';
import { tlsSchema } from './schema/tls.ts';

/** A connection with its connector and profile merged into one. Secrets are still references. JSON-plain. */
export const resolvedConnectionSchema = z.object({
  name: z.string(),
  connector: z.string(),
  /** Absent: a REST API. */
  kind: z.enum(CONNECTOR_KINDS).optional(),
  /** Of a database: a reference to the secret that is its URL, or its file from the project folder. */
  database: z.string().optional(),
  /** Of files: from the project folder. */
  folder: z.string().optional(),
  /** Without a trailing slash; includes a version path, if the connector pins one. */
  baseUrl: z.string(),
  auth: authSchema,
  tls: tlsSchema.optional(),
  /** Sent with every request; includes a pinned version header. */
  headers: z.record(z.string(), z.string()),
  limits: limitsSchema,
  timeouts: z.object({ connectMs: z.number(), headersMs: z.number(), bodyMs: z.number(), requestMs: z.number() }),
  maxAnswerBytes: z.number(),
  allowPlainHttp: z.boolean(),
  /** Overrides the connector's `applyDelay`. */
  applyDelayMs: z.number().optional(),
  /** Of the workers that talk to the account, where not all do. */
  taskQueue: z.string().optional(),
  probe: probeSchema.optional(),
  /** Where the API tells the names of its objects, where any of them can be used. */
  objectNames: objectNamesSchema.optional(),
  /** A document of the project that describes the API. */
  openapi: z.string().optional(),
  errors: z.array(errorRuleSchema),
  hints: z.array(hintSchema),
  objects: z.record(z.string(), objectSchema),
});

/** All that a run needs to know, frozen by its content hash. Secrets are still references. JSON-plain. */
export const resolvedSyncSchema = z.object({
  ref: z.object({ project: z.string(), profile: z.string(), sync: z.string() }),
  sync: syncSchema,
  connections: z.record(z.string(), resolvedConnectionSchema),
  values: z.enum(['plain', 'encrypted', 'hashed']),
  segment: z.object({ records: z.number(), bytes: z.number(), seconds: z.number() }),
  maxSegmentsPerExecution: z.number(),
  maxRejectedPercent: z.number(),
  /** What may be deleted without asking. */
  deleteGuard: z.object({ maxDeletes: z.number(), maxDeletedPercent: z.number() }).default({ maxDeletes: 500, maxDeletedPercent: 5 }),
  conflict: z
    .object({ policy: z.enum(CONFLICT_POLICIES), sourceTime: z.string().optional(), targetTime: z.string().optional() })
    .default({ policy: 'source-wins' }),
  /** When the target is read back at the end of a run. */
  reconcile: z.object({ everyMs: z.number(), samplePercent: z.number().optional(), isOfCounts: z.boolean().default(false), repair: z.boolean() }).optional(),
  /** How the target rewrites values by itself, where that is not left to be learned. */
  formats: z.record(z.string(), z.array(z.enum(FORMATS))).default({}),
  drift: z.enum(DRIFT_RULES).default('warn'),
  deleteScope: z.enum(['created', 'linked']).default('created'),
  /** When it runs by itself. */
  schedule: scheduleSchema.optional(),
  alerts: alertsSchema.optional(),
  /** Who is told of the outcomes of each run. */
  results: resultsSchema.optional(),
  /** Those that alerts and results name. */
  channels: channelsSchema.optional(),
  giveUpAfterMs: z.number(),
  /** 1, the most important, to 5. */
  priority: z.number().default(3),
  /** When what was refused and may pass is tried again. */
  retry: z.object({ afterMs: z.array(z.number()), untilMs: z.number() }),
});

export type ResolvedConnection = z.output<typeof resolvedConnectionSchema>;
export type ResolvedSync = z.output<typeof resolvedSyncSchema>;
