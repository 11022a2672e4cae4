import { parentPort, workerData } from 'node:worker_threads';
import { z } from 'zod';
import { openTextLedger } from '../open-ledger.ts';
import { plainError, type Reply, type Request } from './messages.ts';
import { withPackedCalls } from './packed-calls.ts';

/** The program of the thread: opens the ledger that it is told of, and answers calls to it until its port is closed. */
const optionsSchema = z.object({
  url: z.string(),
  directory: z.string(),
  values: z.enum(['plain', 'encrypted', 'hashed']),
  encryptionKey: z.string().optional(),
  opener: z
    .object({ user: z.string(), host: z.string(), way: z.enum(['cli', 'schedule', 'worker', 'api']), project: z.string(), profile: z.string() })
    .optional(),
});
const releases = new Map<number, () => void>();

const reply = (message: Reply) => parentPort?.postMessage(message);

try {
  const ledger = await openTextLedger(optionsSchema.parse(workerData));
  // eslint-disable-next-line @typescript-eslint/consistent-type-assertions -- its owner calls by the same interface, and only the names cross
  const methods = new Map(Object.entries(withPackedCalls(ledger) as unknown as Readonly<Record<string, (...args: readonly unknown[]) => Promise<unknown>>>));
  parentPort?.on('message', (request: Request) => {
    if (request.kind === 'unlock') return releases.get(request.id)?.();
    const { id, method, args } = request;
    const call = method === 'withCredentialLock' ? ledger.withCredentialLock(String(args[0]), () => untilReleased(id)) : methods.get(method)?.(...args);
    if (call === undefined) return reply({ kind: 'error', id, error: { message: `the ledger has no ${method}` } });
    call.then(
      (value) => reply({ kind: 'result', id, value }),
      (error: unknown) => reply({ kind: 'error', id, error: plainError(error) }),
    );
  });
  reply({ kind: 'opened', methods: [...methods.keys()] });
} catch (error) {
  reply({ kind: 'refused', error: plainError(error) });
  parentPort?.close();
}

/** The lock is had: its owner works, and says when it is done. */
function untilReleased(id: number): Promise<void> {
  return new Promise((resolve) => {
    releases.set(id, () => {
      releases.delete(id);
      resolve();
    });
    reply({ kind: 'locked', id });
  });
}
