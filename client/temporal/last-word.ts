import { setTimeout as sleep } from 'node:timers/promises';

const PATIENCE_MS = 30_000;
const ASK_EVERY_MS = 500;

/** What a workflow that has ended answers: it may have gone on since it was asked before, and whoever answers for it may have much to do. Undefined where nobody does. */
export async function askLastWord<Answer>(ask: () => Promise<Answer | undefined>): Promise<Answer | undefined> {
  for (const until = Date.now() + PATIENCE_MS; ; await sleep(ASK_EVERY_MS)) {
    const answer = await ask();
    if (answer !== undefined || Date.now() > until) return answer;
  }
}
