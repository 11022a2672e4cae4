import type { BatchJob } from '../ledger.ts';
import { number, optionalText, type Row } from './row.ts';

/** The job of a batch, where one writes it. */
export function readBatchJob(row: Row): { readonly job?: BatchJob } {
  const id = optionalText(row, 'job_id');
  if (id === undefined) return {};
  return { job: { id, state: stateOf(optionalText(row, 'job_state')), dueAt: number(row, 'job_due_at') } };
}

/** What is not understood may have been applied. */
function stateOf(text: string | undefined): BatchJob['state'] {
  return text === 'open' || text === 'ended' || text === 'gone' ? text : 'begun';
}
