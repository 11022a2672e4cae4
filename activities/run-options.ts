import type { RunOptions } from '../ledger/ledger.ts';
import type { PlanRunInput } from './activities.ts';

/** Of a run that no client wrote down beforehand. */
export function runOptions({ options }: Pick<PlanRunInput, 'options'>): RunOptions {
  return {
    ...(options?.full === true ? { full: true } : {}),
    ...(options?.references === true ? { retry: true, references: true } : {}),
    ...(options?.events === true ? { events: true } : {}),
    ...(options?.window === undefined ? {} : { window: options.window }),
  };
}
