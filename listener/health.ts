import { problem, type Route, unavailable } from './serving/answer.ts';

/** An answer is good for so long: whoever asks more often asks nobody else. */
const GOOD_FOR_MS = 1_000;
const TIMEOUT_MS = 3_000;

export const HEALTH_PATH = /^\/healthz$/;
/** `/readyz/ledger`: all that deliveries need. */
export const READY_PATH = /^\/readyz(?:\/(ledger|temporal))?$/;

/** Asks one of those that the listener works with; rejects where it does not answer. */
export type Probe = () => Promise<unknown>;

export interface HealthOptions {
  readonly probes: Readonly<Record<'ledger' | 'temporal', Probe>>;
  readonly isStopping: () => boolean;
}

/** The process is alive. */
export const answerHealth: Route = async () => ({ status: 200, body: { status: 'ok' } });

/** Whether what is needed answers: ledger and Temporal, or the one that the path names. */
export function answerReadiness({ probes, isStopping }: HealthOptions): Route {
  const checks = { ledger: remembered(probes.ledger), temporal: remembered(probes.temporal) };
  return async ({ path }) => {
    const only = READY_PATH.exec(path)?.[1];
    const asked = (['ledger', 'temporal'] as const).filter((name) => only === undefined || name === only);
    const states = await Promise.all(asked.map(async (name) => [name, (await checks[name]()) ? 'ok' : 'unreachable'] as const));
    if (isStopping()) return unavailable('The listener is stopping.', 1);
    const isReady = states.every(([, state]) => state === 'ok');
    return isReady ? { status: 200, body: { status: 'ok', ...Object.fromEntries(states) } } : problem(503, 'Not ready.', Object.fromEntries(states));
  };
}

/** One question at a time, and none while the last answer is good. */
function remembered(probe: Probe): () => Promise<boolean> {
  let last: Promise<boolean> | undefined;
  return () => {
    if (last !== undefined) return last;
    const asked = Promise.race([probe().then(isTrue), new Promise<boolean>((resolve) => setTimeout(resolve, TIMEOUT_MS, false).unref())]).catch(() => false);
    last = asked;
    const forget = () => {
      last = undefined;
    };
    void asked.then(() => setTimeout(forget, GOOD_FOR_MS).unref());
    return asked;
  };
}

const isTrue = () => true;
