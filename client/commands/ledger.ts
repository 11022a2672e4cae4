import { z } from 'zod';
import { parseDuration } from '../../engine/duration.ts';
import { defineCommand } from '../command.ts';
import { compactLedger } from '../upkeep/compact-ledger.ts';
import { forgetRecord } from '../upkeep/forget-record.ts';
import { exportLedger, importLedger } from '../upkeep/move-ledger.ts';
import { pruneLedger } from '../upkeep/prune-ledger.ts';
import { migrateLedger, showLedger } from '../upkeep/show-ledger.ts';

const ACTIONS = ['status', 'migrate', 'prune', 'forget', 'compact', 'export', 'import'] as const;
const durationSchema = z.string().transform((text, context) => {
  const ms = parseDuration(text);
  if (ms !== undefined && ms > 0) return ms;
  context.addIssue({ code: 'custom', message: 'expected a duration such as 90d' });
  return z.NEVER;
});

export const ledgerCommand = defineCommand({
  name: 'ledger',
  group: 'Serve',
  summary: 'Looks after the ledger: what is in it, how old, out to a file and into another store; erases a person, gives back room',
  arguments: [
    ['<action>', ACTIONS.join(', ')],
    ['[what]', 'of forget: the sync; of export and import: the file, or - for stdout and stdin'],
  ],
  options: [
    ['--older-than <time>', 'prune: forget the audit trail of before that, such as 90d'],
    ['--key <key>', 'forget: the record, by its primary key in the source'],
  ],
  examples: [
    'syncline ledger status',
    'syncline ledger prune --older-than 90d',
    'syncline ledger forget contacts-to-hubspot --key 4711',
    'syncline ledger compact',
    'syncline ledger export ledger.ndjson',
    'SYNCLINE_LEDGER=postgres://… syncline ledger import ledger.ndjson',
  ],
  input: z
    .object({
      action: z.enum(ACTIONS, `expected ${ACTIONS.join(', ')}`),
      what: z.string().optional(),
      olderThan: durationSchema.optional(),
      key: z.string().min(1).optional(),
    })
    .refine(({ action, olderThan }) => action !== 'prune' || olderThan !== undefined, 'Say of when: --older-than 90d')
    .refine(({ action, what, key }) => action !== 'forget' || (what !== undefined && key !== undefined), 'Say which: ledger forget SYNC --key K')
    .refine(({ action, what }) => (action !== 'export' && action !== 'import') || what !== undefined, 'Name the file: ledger export FILE, ledger import FILE'),
  run: async (cli, { action, what = '', olderThan = 0, key = '' }) => {
    switch (action) {
      case 'status':
        return showLedger(cli);
      case 'migrate':
        return migrateLedger(cli);
      case 'prune':
        return pruneLedger(cli, olderThan);
      case 'forget':
        return forgetRecord(cli, what, key);
      case 'compact':
        return compactLedger(cli);
      case 'export':
        return exportLedger(cli, what);
      default:
        return importLedger(cli, what);
    }
  },
});
