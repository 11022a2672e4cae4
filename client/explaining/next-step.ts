import { quotedList } from '../list-argument.ts';
import { quoted } from '../output/text.ts';
import type { Explanation } from './explanation.ts';

/** What a person may want to do after an explanation: a command, and what it is for. */
export function nextStep({ sync, key, isKnown, outcome, missing }: Explanation): { readonly why: string; readonly command: string } {
  const record = `${sync} --key ${quoted(key)}`;
  const records = `${sync} --key ${quotedList([key])}`;
  const [reference] = missing;
  switch (outcome.outcome) {
    case 'create':
    case 'update':
      return { why: 'Write it now', command: `run ${records}` };
    case 'rejected':
      if (outcome.isRepeat === true) return { why: 'Send it again', command: `retry ${records}` };
      return { why: 'Once it is put right', command: `run ${records}` };
    case 'held':
      if (reference !== undefined) return { why: 'Why what it refers to is not there', command: `explain ${reference.sync} --key ${quoted(reference.key)}` };
      if (outcome.reason === 'unknown') return { why: 'Look into it', command: `unknown list ${sync}` };
      // What both sides changed a person decides; two records of one match key are merged in the target.
      return outcome.isInTarget
        ? { why: 'Decide, once a run has held it', command: `conflicts list ${sync}` }
        : { why: 'Once it is put right', command: `run ${records}` };
    default:
      if (!isKnown) return { why: 'Once the definition lets it pass', command: `run ${records}` };
      return { why: 'What was done with it so far', command: `records ${record}` };
  }
}
