import { createHash, randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import { MAX_EVENTS, type NamedEvent, type ReadDelivery } from '../../definition/read-events.ts';
import { SyncError } from '../../engine/errors.ts';
import { accountScope, parseSyncScope, syncScope } from '../../engine/ids.ts';
import type { DeliveredEvent, Delivery, DeliveryStore } from '../../ledger/delivery-store.ts';
import type { Counts } from '../counts.ts';
import { type Answer, problem, type Route, unavailable } from '../serving/answer.ts';
import type { Hook } from './hooks.ts';
import { makeDecoy } from './hooks.ts';
import { parseBody } from './parse-body.ts';

export const HOOK_PATH = /^\/webhooks\/(.*)$/;
/** Senders wait for some five to thirty seconds, and send again: what is late is as good as refused. */
const LEDGER_TIMEOUT_MS = 10_000;
const RETRY_AFTER_SECONDS = 5;

export interface DeliveryOptions {
  readonly project: string;
  readonly profile: string;
  readonly hooks: readonly Hook[];
  /** How the listener is reached from outside. */
  readonly publicUrl: string | undefined;
  readonly ledger: Pick<DeliveryStore, 'acceptDelivery'>;
  /** A sync has events. */
  readonly wake: (sync: string) => void;
  readonly counts: Counts;
  readonly log: Logger;
}

/**
 * Takes webhooks: a delivery that is genuine is answered with 2xx once what it says is durable, and never before. Who cannot sign learns nothing, not even whether there is
 * such a connection.
 */
export function takeDeliveries(options: DeliveryOptions): Route {
  const { hooks, publicUrl = '', counts } = options;
  const byName = new Map(hooks.map((hook) => [hook.connection, hook]));
  const decoy = makeDecoy();
  return async ({ method, path, search, headers, body, receivedAt }) => {
    const hook = byName.get(HOOK_PATH.exec(path)?.[1] ?? '');
    const url = `${publicUrl}${path}${search}`;
    const proof = await (hook ?? decoy).judge({ method, url, headers, body, receivedAt });
    if (hook === undefined || proof === undefined) {
      counts.add('deliveries', { connection: hook?.connection ?? 'unknown', outcome: 'refused' });
      return { status: 401 };
    }
    const { outcome, answer } = await judgeGenuine(options, hook, proof.once, { headers, body, receivedAt });
    counts.add('deliveries', { connection: hook.connection, outcome });
    return answer;
  };
}

interface Received {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly receivedAt: number;
}

interface Judged {
  readonly outcome: 'accepted' | 'repeated' | 'nothing-of-ours' | 'unreadable' | 'too-many' | 'too-fast' | 'not-durable';
  readonly answer: Answer;
}

async function judgeGenuine(options: DeliveryOptions, hook: Hook, once: string | undefined, received: Received): Promise<Judged> {
  const { headers, receivedAt } = received;
  const waitMs = hook.rate.take(receivedAt);
  if (waitMs > 0) {
    const retryAfter = { 'retry-after': String(Math.ceil(waitMs / 1_000)) };
    return { outcome: 'too-fast', answer: problem(429, 'More deliveries than this connection may send.', {}, retryAfter) };
  }
  const body = parseBody(received.body, headers['content-type']);
  if (body === undefined) return { outcome: 'unreadable', answer: problem(400, 'The body is neither JSON nor a form.') };
  const read = await hook.read({ headers, body });
  if (read === undefined) return { outcome: 'too-many', answer: problem(413, `More than ${MAX_EVENTS} events in one delivery.`) };
  return keep(options, hook, deliveryIdOf(read.id ?? once), read, receivedAt);
}

async function keep(options: DeliveryOptions, hook: Hook, deliveryId: string, read: ReadDelivery, receivedAt: number): Promise<Judged> {
  const { project, profile, counts, log } = options;
  const { connection } = hook;
  const events = read.events.flatMap((event) => toldOf(options, hook, event));
  tellCounts(options, hook, read, events.length);
  const told = { connection, deliveryId, events: events.length };
  if (read.unreadable.length > 0)
    log.warn({ ...told, rules: [...new Set(read.unreadable)] }, 'events name no record by the key of these rules of `webhooks.events`: they are passed over');
  if (events.length === 0) return { outcome: 'nothing-of-ours', answer: { status: 200, body: { events: 0 } } };
  try {
    const delivery = { connection: accountScope(project, profile, connection), deliveryId, receivedAt, keepUntil: receivedAt + hook.rememberMs, events };
    const { accepted } = await inTime(acceptAndWake(options, delivery));
    counts.add('events', { connection, outcome: accepted ? 'accepted' : 'repeated' }, events.length);
    log.info(told, accepted ? 'a delivery was accepted' : 'a delivery came again');
    return { outcome: accepted ? 'accepted' : 'repeated', answer: { status: 200, body: { events: accepted ? events.length : 0 } } };
  } catch (error) {
    if (!(error instanceof SyncError)) throw error;
    log.error({ ...told, code: error.code, reason: error.message }, 'a delivery could not be kept; its sender is asked to send it again');
    return { outcome: 'not-durable', answer: unavailable('The delivery could not be kept: send it again.', RETRY_AFTER_SECONDS) };
  }
}

/** Who is to be woken is told once: also of what is durable too late for its sender, whose next delivery is a repeated one. */
async function acceptAndWake({ ledger, wake }: DeliveryOptions, delivery: Delivery): ReturnType<DeliveryStore['acceptDelivery']> {
  const kept = await ledger.acceptDelivery(delivery);
  for (const scope of kept.wake) wake(parseSyncScope(scope).sync);
  return kept;
}

/** The event, for each sync that reads the object. */
function toldOf({ project, profile }: DeliveryOptions, { syncs }: Hook, { object, record, ...event }: NamedEvent): readonly DeliveredEvent[] {
  return syncs
    .filter((told) => told.object === object)
    .map(({ sync, takesRecord }) => ({ scope: syncScope({ project, profile, sync }), ...event, ...(takesRecord && record !== undefined ? { record } : {}) }));
}

function tellCounts({ counts }: DeliveryOptions, { connection }: Hook, { events, passedOver, unreadable }: ReadDelivery, told: number): void {
  counts.add('events', { connection, outcome: 'passed-over' }, passedOver + (told === 0 ? events.length : 0));
  counts.add('events', { connection, outcome: 'unreadable' }, unreadable.length);
}

/** Of one length, and without what a sender may have put into it. Where nothing tells a delivery from another, none is taken for one that came before. */
function deliveryIdOf(said: string | undefined): string {
  return said === undefined ? randomUUID() : createHash('sha256').update(said).digest('hex').slice(0, 32);
}

async function inTime<Result>(work: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new SyncError({ code: 'STORE_UNAVAILABLE', retry: 'backoff', message: `The ledger has not answered within ${LEDGER_TIMEOUT_MS / 1_000} s.` }));
    }, LEDGER_TIMEOUT_MS);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
