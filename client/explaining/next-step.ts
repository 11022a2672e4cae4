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
      if (outcome.isRepeat === true) return { why: 'Send it again', command: `retry ${record}` };
      return { why: 'Once it is put right', command: `run ${record}` };
    case 'held':
      if (reference !== undefined) return { why: 'Why what it refers to is not there', command: `explain ${reference.sync} --key ${clean(reference.key)}` };
      if (outcome.reason === 'unknown') return { why: 'Look into it', command: `unknown list ${sync}` };
      // What both sides changed a person decides; two records of one match key are merged in the target.
      return outcome.isInTarget
        ? { why: 'Decide, once a run has held it', command: `conflicts list ${sync}` }
        : { why: 'Once it is put right', command: `run ${record}` };
    default:
      if (!isKnown) return { why: 'Once the definition lets it pass', command: `run ${record}` };
      return { why: 'What was done with it so far', command: `records ${record}` };
  }
}
