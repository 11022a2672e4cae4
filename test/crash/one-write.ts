import { randomUUID } from 'node:crypto';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { MockActivityEnvironment } from '@temporalio/testing';
import { BatchLimits } from '../../activities/batch-limits.ts';
import { BatchSender } from '../../activities/batch-sender.ts';
import type { ActivityDependencies } from '../../activities/dependencies.ts';
import { Pulse } from '../../activities/heartbeat.ts';
import { PoisonWatch } from '../../activities/poison.ts';
import { RequestMeter } from '../../activities/request-meter.ts';
import { openRunContext } from '../../activities/run-context.ts';
import { resolvableAt, UnknownWrites } from '../../activities/unknown-writes.ts';
import type { Target } from '../../connectors/ports.ts';
import type { ClaimedBatch, Ledger } from '../../ledger/ledger.ts';
import { json, serve } from '../http/local-server.ts';
import { beginRun, beginSteps, stageRecords, TERMS } from './steps-by-hand.ts';

const ORDER = { number: 'A-1', amount: 7 };

/** A searchable API that cuts the connection of the first order, makes it so much later, and shows it later still. */
const APPLIED_AFTER_MS = 300;
const SHOWN_AFTER_MS = 300;

/** One order to be created at an API that makes another order of each request: what is sent twice is there twice. */
export class OneWrite {
  readonly ledger: Ledger;
  readonly scope: string;
  /** Orders that the API has made. */
  readonly made: () => number;
  readonly #dependencies: ActivityDependencies;

  private constructor(parts: { ledger: Ledger; scope: string; made: () => number; dependencies: ActivityDependencies }) {
    this.ledger = parts.ledger;
    this.scope = parts.scope;
    this.made = parts.made;
    this.#dependencies = parts.dependencies;
  }

  static async begin(context: TestContext, options: { readonly isSearchable: boolean } = { isSearchable: false }): Promise<OneWrite> {
    const orders: (typeof ORDER & { readonly id: string; readonly at: number })[] = [];
    const make = () => {
      orders.push({ id: randomUUID(), ...ORDER, at: Date.now() });
      return orders.at(-1);
    };
    let requests = 0;
    const server = await serve(context, async ({ method }, response) => {
      if (method === 'GET')
        return json(
          response,
          orders.filter(({ at }) => Date.now() - at >= SHOWN_AFTER_MS),
        );
      requests += 1;
      if (!options.isSearchable || requests > 1) return json(response, make(), 201);
      response.destroy();
      await sleep(APPLIED_AFTER_MS);
      make();
    });
    const { ledger, scope, hash, dependencies } = await beginSteps(context, project(server.url, options.isSearchable), 'orders');
    const write = new OneWrite({ ledger, scope, made: () => orders.length, dependencies });
    await write.openRun('r_1', hash);
    return write;
  }

  async openRun(id: string, hash: string): Promise<void> {
    await beginRun(this.ledger, { id, scope: this.scope, hash });
  }

  /** The order is staged: by `key`, so that two keys may be the same order. */
  async stage(key = '1', targetScope = 'acme/dev/shop/orders'): Promise<void> {
    const change = { kind: 'create', fields: ORDER, contentHash: `h${key}`, match: ORDER.number, source: ORDER, bytes: 50 } as const;
    await stageRecords(this.ledger, targetScope, [{ disposition: 'change', key, change }]);
  }

  /** @param sendBy when the claim grows too old; default: in two seconds */
  async claim(ledger: Ledger = this.ledger, sendBy = Date.now() + 2_000): Promise<ClaimedBatch | undefined> {
    const claim = await ledger.claimBatch({
      runId: 'r_1',
      segment: 0,
      batchId: `b_${randomUUID()}`,
      token: randomUUID(),
      maxRecords: 1,
      maxBytes: 1e6,
      sendBy,
      terms: TERMS,
      at: Date.now(),
    });
    return claim.state === 'claimed' ? claim.batch : undefined;
  }

  /** Sends a claimed batch as an attempt of the writer does, with parts of its dependencies left out or replaced. */
  async send(batch: ClaimedBatch, replaced: Partial<ActivityDependencies> = {}): Promise<void> {
    await this.#asWriter(replaced, async (sender, target) => sender.send(batch, await target.acquirePermit()));
  }

  /** As a batch that was handed over, whose permit is refused. */
  async sendWithoutPermit(batch: ClaimedBatch): Promise<void> {
    await this.#asWriter({}, (sender) => sender.sendHanded(batch, () => Promise.reject(new Error('no permit'))));
  }

  /** Looks into the write whose answer was lost, as the writer does. @param isPatient only once nothing can be applied any more, and all is shown */
  async resolve({ isPatient }: { readonly isPatient: boolean }): Promise<void> {
    await this.#asWriter({}, async (sender, target) => {
      const [lost] = await this.ledger.listUnresolved('r_1', 0, []);
      if (lost === undefined) throw new Error('no write is without an answer');
      if (isPatient) await sleep(Math.max(0, resolvableAt(lost, target) - Date.now()));
      await sender.resolve(lost);
    });
  }

  async #asWriter(replaced: Partial<ActivityDependencies>, work: (sender: BatchSender, target: Target) => Promise<void>): Promise<void> {
    const dependencies = { ...this.#dependencies, ...replaced };
    await new MockActivityEnvironment().run(async () => {
      const context = await openRunContext(dependencies, 'r_1');
      const meter = new RequestMeter();
      const target = context.openTarget(meter);
      const unknown = new UnknownWrites(dependencies, context, 0, target);
      const sender = new BatchSender({
        dependencies,
        context,
        target,
        meter,
        unknown,
        limits: new BatchLimits(dependencies, context, target),
        poison: new PoisonWatch(dependencies, context, 0, target),
        pulse: new Pulse(dependencies),
      });
      await work(sender, target);
    });
  }

  /** The ledger with some methods replaced. */
  ledgerWith(replaced: Partial<Ledger>): Ledger {
    return { ...this.ledger, ...replaced };
  }
}

function project(baseUrl: string, isSearchable: boolean): Readonly<Record<string, string>> {
  const search = isSearchable ? `\n    search: { get: /orders, query: { number: "{key}" }, records: $, max: 1, indexingDelay: ${SHOWN_AFTER_MS + 100}ms }` : '';
  return {
    'syncline.yaml': 'name: acme\n',
    'connections/shop.yaml': `
connector: generic-rest
shared: true
baseUrl: ${baseUrl}
objects:
  lines: { list: { get: /lines, records: $ } }
  orders:
    create: { post: /orders, applyDelay: ${APPLIED_AFTER_MS + 100}ms }
    update: { patch: "/orders/{id}" }${search}
`,
    'syncs/orders.yaml': `
source: { connection: shop, object: lines, primaryKey: number }
target: { connection: shop, object: orders, matchOn: number }
mapping: { number: number, amount: amount }
`,
  };
}
