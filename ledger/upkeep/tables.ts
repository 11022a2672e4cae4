/** Tables that make up a ledger, with their keys. Leases, limits and lookups are of the moment: they stay behind. */
export const TABLES = {
  facts: ['name'],
  definitions: ['hash'],
  runs: ['id'],
  segments: ['run_id', 'idx'],
  records: ['scope', 'key'],
  sightings: ['scope', 'key'],
  verdicts: ['id'],
  changes: ['id'],
  batches: ['id'],
  attempts: ['batch_id', 'n'],
  cursors: ['scope'],
  credentials: ['account', 'name'],
  batch_limits: ['target_scope', 'kind'],
  absences: ['run_id', 'key'],
  reconciliations: ['id'],
  findings: ['reconciliation_id', 'n'],
  conflict_decisions: ['scope', 'key'],
  awaited_references: ['scope', 'key', 'ref_scope', 'ref_key'],
  planned_records: ['run_id', 'key'],
  segment_shapes: ['run_id', 'segment'],
  shapes: ['run_id'],
  expected_shapes: ['scope'],
  incidents: ['id'],
  incident_notices: ['incident_id', 'channel', 'event'],
  audit: ['n'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type TableName = keyof typeof TABLES;

export const TABLE_NAMES: readonly TableName[] = [
  'facts',
  'definitions',
  'runs',
  'segments',
  'records',
  'sightings',
  'verdicts',
  'changes',
  'batches',
  'attempts',
  'cursors',
  'credentials',
  'batch_limits',
  'absences',
  'reconciliations',
  'findings',
  'conflict_decisions',
  'awaited_references',
  'planned_records',
  'segment_shapes',
  'shapes',
  'expected_shapes',
  'incidents',
  'incident_notices',
  'audit',
];

export function asTable(name: string): TableName | undefined {
  return TABLE_NAMES.find((known) => known === name);
}
