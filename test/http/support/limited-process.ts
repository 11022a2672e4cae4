import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { SyncError } from '../../../engine/errors.ts';
import type { HttpClient } from '../../../http/http-client.ts';
import { openHttpClient } from '../../../http/open-http-client.ts';
import { openLedgerInThread } from '../../../ledger/thread/open-ledger-in-thread.ts';

/** The program of a process that uses an account with others: readers that never rest, for each party. Prints `ready`, begins at a line on stdin, prints what came of it. */
export const processOptionsSchema = z.object({
  directory: z.string(),
  url: z.string(),
  limits: z.object({
    requests: z.array(z.object({ count: z.number(), perMs: z.number(), spread: z.boolean().optional() })).optional(),
    concurrency: z.number().optional(),
  }),
  /** Answers tell points. */
  readsCost: z.boolean().default(false),
  parties: z.array(z.object({ name: z.string(), weight: z.number(), readers: z.number(), pauseMs: z.number().default(0) })),
  ms: z.number(),
});

const options = processOptionsSchema.parse(JSON.parse(process.argv[2] ?? '{}'));
const ledger = await openLedgerInThread({ url: 'sqlite', directory: options.directory, values: 'plain' });
const client = openHttpClient({
  name: 'crm',
  account: 'acme/dev/crm',
  baseUrl: options.url,
  auth: { type: 'none' },
  headers: {},
  limits: options.limits,
  timeouts: { connectMs: 5_000, headersMs: 30_000, bodyMs: 30_000, requestMs: 30_000 },
  maxAnswerBytes: 1_000_000,
  allowPlainHttp: false,
  sharedBudget: ledger,
  ...(options.readsCost
    ? {
        readCost: async ({ headers }) => {
          if (headers['x-left'] === undefined) return undefined;
          const [available = 0, requested = 0, restoreRate = 0, maximum = 0] = ['x-left', 'x-cost', 'x-rate', 'x-most'].map((name) => Number(headers[name]));
          return { available, requested, restoreRate, maximum };
        },
      }
    : {}),
});
const done: Record<string, number> = {};
const failures: { readonly code: string; readonly afterMs: number }[] = [];

process.stdout.write('ready\n');
await new Promise((resolve) => process.stdin.once('data', resolve));
const end = AbortSignal.timeout(options.ms);
await Promise.all(options.parties.flatMap((party) => Array.from({ length: party.readers }, () => read(client.forParty(party), party))));
await client.close();
await ledger.close();
process.stdin.destroy();
process.stdout.write(`${JSON.stringify({ done, failures })}\n`);

async function read(own: HttpClient, { name, pauseMs }: { readonly name: string; readonly pauseMs: number }): Promise<void> {
  while (!end.aborted) {
    try {
      await own.send({ method: 'GET', path: `/${name}`, repeat: 'read', signal: end });
      done[name] = (done[name] ?? 0) + 1;
      if (pauseMs > 0) await sleep(pauseMs);
    } catch (error) {
      if (end.aborted) return;
      if (!(error instanceof SyncError)) throw error;
      const afterMs = typeof error.retry === 'object' ? error.retry.afterMs : 0;
      failures.push({ code: error.code, afterMs });
      // As an activity does: it fails with that delay.
      await sleep(afterMs, undefined, { signal: end }).catch(() => undefined);
    }
  }
}
