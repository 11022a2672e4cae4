/** What a metric of ours is: its name, its labels and what it means are told nowhere else. */
export interface MetricDeclaration {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly labels: readonly string[];
  /** Also in the documentation. */
  readonly help: string;
  readonly buckets?: readonly number[];
}

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const STRETCHES = [0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600];
const BYTES = [256, 1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216];

/**
 * All metrics of a worker beside those of Temporal's SDK. What counts, counts what this worker did; what is called "of the sync" or "of the account" every worker reads in the
 * ledger, and says the same: take the largest. Labels are names from definitions and words from short lists: never a key, an address or a message.
 */
export const METRICS = {
  worker: {
    name: 'syncline_worker_info',
    type: 'gauge',
    labels: ['project', 'profile', 'version', 'build'],
    help: 'Always 1: which project, profile and build this worker is of.',
  },
  ready: { name: 'syncline_worker_ready', type: 'gauge', labels: [], help: '1 where /readyz says so, else 0.' },
  ledger: {
    name: 'syncline_ledger_up',
    type: 'gauge',
    labels: [],
    help: '1 where the ledger answered the last time it was asked, else 0: then what is read there is missing.',
  },
  records: {
    name: 'syncline_records_total',
    type: 'counter',
    labels: ['sync', 'operation', 'outcome'],
    help: 'Records by what became of them: `operation` is `create`, `update`, `upsert` or `delete`, and `read` where reading decided. A page or batch that is worked on twice counts twice; the books are in the ledger.',
  },
  runs: { name: 'syncline_runs_total', type: 'counter', labels: ['sync', 'state'], help: 'Runs that ended, by how.' },
  segments: {
    name: 'syncline_segment_seconds',
    type: 'histogram',
    labels: ['sync', 'side'],
    help: 'How long one attempt at reading (`source`) or writing (`target`) a segment took.',
    buckets: STRETCHES,
  },
  stepWaits: {
    name: 'syncline_step_wait_seconds_total',
    type: 'counter',
    labels: ['sync', 'code'],
    help: 'Waits too long to hold a slot: a step gave it back for so long, because of that error code.',
  },
  stepFailures: {
    name: 'syncline_step_failures_total',
    type: 'counter',
    labels: ['sync', 'code', 'ending'],
    help: 'Steps that failed, by error code; `ending` is `again` or `final`.',
  },
  requests: {
    name: 'syncline_requests_total',
    type: 'counter',
    labels: ['connection', 'method', 'status'],
    help: 'Requests by class of their status (`2xx` to `5xx`; `none` without an answer).',
  },
  throttled: { name: 'syncline_throttled_requests_total', type: 'counter', labels: ['connection'], help: 'Answers with status 429.' },
  failed: {
    name: 'syncline_failed_requests_total',
    type: 'counter',
    labels: ['connection'],
    help: 'Requests without an answer, or with a status of 500 and above.',
  },
  retries: { name: 'syncline_request_retries_total', type: 'counter', labels: ['connection'], help: 'Requests that repeat an earlier one.' },
  requestSeconds: {
    name: 'syncline_request_seconds',
    type: 'histogram',
    labels: ['connection'],
    help: 'From the first byte sent to the last byte read; waits before it are not in it.',
    buckets: SECONDS,
  },
  sentBytes: { name: 'syncline_request_sent_bytes', type: 'histogram', labels: ['connection'], help: 'Size of the bodies sent.', buckets: BYTES },
  receivedBytes: {
    name: 'syncline_request_received_bytes',
    type: 'histogram',
    labels: ['connection'],
    help: 'Size of the bodies received, unpacked.',
    buckets: BYTES,
  },
  limiterWaits: {
    name: 'syncline_limiter_wait_seconds_total',
    type: 'counter',
    labels: ['connection', 'reason'],
    help: "Time that requests waited for their turn, all together: for the `pace`, a `quota`, a place among those in flight (`places`), this worker's part of a shared budget (`shared`), or because the API `asked`.",
  },
  limit: {
    name: 'syncline_limit_requests',
    type: 'gauge',
    labels: ['connection', 'window'],
    help: 'Requests that a window of that many seconds allows to the whole account.',
  },
  limitUsed: {
    name: 'syncline_limit_used_requests',
    type: 'gauge',
    labels: ['connection', 'window'],
    help: 'Requests of this worker that still count in that window: what is left is the limit less the sum over all workers.',
  },
  quotaLeft: {
    name: 'syncline_quota_left_requests',
    type: 'gauge',
    labels: ['connection', 'window'],
    help: 'Of the account: what all workers together have left of a quota of that many seconds. There while the quota is counted.',
  },
  lag: {
    name: 'syncline_sync_lag_seconds',
    type: 'gauge',
    labels: ['sync'],
    help: 'Of the sync: how far its target is behind its source, since the latest complete run began to read.',
  },
  lastSuccess: {
    name: 'syncline_sync_last_success_timestamp_seconds',
    type: 'gauge',
    labels: ['sync'],
    help: 'Of the sync: when its latest complete run ended.',
  },
  refused: {
    name: 'syncline_sync_refused_records',
    type: 'gauge',
    labels: ['sync', 'outcome', 'retry'],
    help: 'Of the sync: records that are `rejected` or `held` now; `retry` is `waiting` where a later run tries again, `given_up` where somebody must act.',
  },
  webhookEvents: {
    name: 'syncline_sync_webhook_events',
    type: 'gauge',
    labels: ['sync'],
    help: 'Of the sync: events that webhooks brought and that are not drained yet.',
  },
  oldestEvent: {
    name: 'syncline_sync_webhook_oldest_event_seconds',
    type: 'gauge',
    labels: ['sync'],
    help: 'Of the sync: for how long the oldest of them has waited; 0 where there is none.',
  },
} as const satisfies Readonly<Record<string, MetricDeclaration>>;
