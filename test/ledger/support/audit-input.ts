import type { AuditInput } from '../../../ledger/ledger.ts';

export function auditInput(more: Partial<AuditInput> = {}): AuditInput {
  return { user: 'ada', host: 'laptop', way: 'cli', project: 'acme', profile: 'dev', at: 1_000, action: 'run.tuned', details: {}, ...more };
}
