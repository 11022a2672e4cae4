import { setTimeout as sleep } from 'node:timers/promises';

/** How long a server that is there may take to answer: it may have much to do. */
export const SERVER_PATIENCE_MS = 60_000;

const ONLOOKER_PATIENCE_MS = 5_000;

/** For who only looks on, and can say that there is no answer: the question goes on being asked. @throws Error where none comes in time */
export async function soon<Answer>(answer: Promise<Answer>): Promise<Answer> {
  const waiting = new AbortController();
  const over = sleep(ONLOOKER_PATIENCE_MS, undefined, { signal: waiting.signal, ref: false }).then(() => {
    throw new Error('no answer in time');
  });
  try {
    return await Promise.race([answer, over]);
  } finally {
    waiting.abort();
  }
}
