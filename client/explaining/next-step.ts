import { clean } from '../output/text.ts';
import type { Explanation } from './explanation.ts';

/** What a person may want to do after an explanation: a command, and what it is for. */
export function nextStep({ sync, key, isKnown, outcome, missing }: Explanation): { readonly why: string; readonly command: string } {
  const record = `${sync} --key ${clean(key)}`;
  const [reference] = missing;
  switch (outcome.outcome) {
    case 'create':
    case 'update':
      return { why: 'Write it now', command: `run ${record}` };
    case 'rejected':
      return { why: 'Once it is put right', command: `run ${record}` };
    case 'held':
      if (reference !== undefined) return { why: 'Why what it refers to is not there', command: `explain ${reference.sync} --key ${clean(reference.key)}` };
      return outcome.reason === 'unknown' ? { why: 'Look into it', command: `unknown list ${sync}` } : { why: 'Decide', command: `conflicts list ${sync}` };
    default:
      if (!isKnown) return { why: 'Once the definition lets it pass', command: `run ${record}` };
      return { why: 'What was done with it so far', command: `records ${record}` };
  }
}
