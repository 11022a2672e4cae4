import { z } from 'zod';
import { listAudit } from '../auditing/list-audit.ts';
import { verifyLog } from '../auditing/verify-log.ts';
import { agoSchema, defineCommand, wholeNumber } from '../command.ts';

export const auditCommand = defineCommand({
  name: 'audit',
  group: 'Look',
  summary: 'Who did what, when and from where; verify says whether that log is whole',
  arguments: [['[action]', 'verify: walk the whole log, of all projects of the ledger']],
  options: [
    ['--sync <sync>', 'only what was done to this one'],
    ['--since <time>', 'only of the last 7d, 12h, …'],
    ['--limit <n>', 'how many (default 50)'],
    ['--head <hash>', 'with verify: an entry that was noted before must still be there'],
  ],
  examples: ['syncline audit', 'syncline audit --sync contacts-to-hubspot --since 7d', 'syncline audit verify'],
  input: z
    .object({
      action: z.literal('verify', 'expected verify, or nothing').optional(),
      sync: z.string().optional(),
      since: agoSchema.optional(),
      limit: wholeNumber(1, 100_000).default(50),
      head: z
        .string()
        .regex(/^[0-9a-f]{64}$/, 'expected the 64 characters that "audit verify" prints')
        .optional(),
    })
    .refine(({ action, head }) => action === 'verify' || head === undefined, '--head goes with verify'),
  run: async (cli, { action, head, ...query }) => (action === 'verify' ? verifyLog(cli, head) : listAudit(cli, query)),
});
