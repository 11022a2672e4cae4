import type { NativeConnection, Worker } from '@temporalio/worker';
import type { Ledger } from '../../ledger/ledger.ts';

const PATIENCE_MS = 3_000;
/** Who asks more often gets the same answer. */
const REMEMBERED_MS = 1_000;

export interface ReadinessParts {
  readonly ledger: Ledger;
  readonly connection: NativeConnection;
  readonly workers: readonly Worker[];
  readonly draining: AbortSignal;
}

/** What keeps a worker from working, in fixed words; asked for on demand, and remembered for a second. */
export class Readiness {
  #parts: ReadinessParts | undefined;
  #asked: { readonly at: number; readonly answer: Promise<readonly string[]> } | undefined;

  /** It has started. */
  begin(parts: ReadinessParts): void {
    this.#parts = parts;
    this.#asked = undefined;
  }

  async reasons(): Promise<readonly string[]> {
    if (this.#parts === undefined) return ['starting'];
    if (this.#parts.draining.aborted) return ['draining: no new work is taken'];
    const now = performance.now();
    if (this.#asked === undefined || now - this.#asked.at > REMEMBERED_MS) this.#asked = { at: now, answer: look(this.#parts) };
    return this.#asked.answer;
  }
}

async function look({ ledger, connection, workers }: ReadinessParts): Promise<readonly string[]> {
  const [hasLedger, hasTemporal] = await Promise.all([
    answers(ledger.readDefinition('')),
    answers(connection.withDeadline(Date.now() + PATIENCE_MS, () => connection.workflowService.getSystemInfo({}))),
  ]);
  const isPolling = workers.every((worker) => worker.getState() === 'RUNNING');
  return [...(hasLedger ? [] : ['ledger: no answer']), ...(hasTemporal ? [] : ['temporal: no answer']), ...(isPolling ? [] : ['workers: not polling'])];
}

async function answers(asked: Promise<unknown>): Promise<boolean> {
  const late = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => late.resolve(false), PATIENCE_MS);
  try {
    return await Promise.race([
      asked.then(
        () => true,
        () => false,
      ),
      late.promise,
    ]);
  } finally {
    clearTimeout(timer);
  }
}
