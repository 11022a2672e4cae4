import { Client, Connection } from '@temporalio/client';
import { wakeOpenSyncs, wakeSyncs } from '../../client/events/wake-syncs.ts';
import { parseSyncScope, scheduleId } from '../../engine/ids.ts';
import type { DeliveredEvent } from '../../ledger/delivery-store.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { openLedger } from '../../ledger/open-ledger.ts';
import type { Project } from './project.ts';
import { testTemporal } from './temporal.ts';

/** Takes deliveries as `syncline listen` does, without HTTP: into the ledger first, then a signal to whom it concerns. */
export class Deliverer {
  readonly ledger: Ledger;
  readonly scope: string;
  signals = 0;
  /** Nobody is told of what is kept. */
  isMute = false;
  readonly #connection: Connection;
  readonly #client: Client;
  #count = 0;

  private constructor(ledger: Ledger, scope: string, connection: Connection) {
    this.ledger = ledger;
    this.scope = scope;
    this.#connection = connection;
    this.#client = new Client({ connection });
  }

  static async open(project: Project, sync: string, url = 'sqlite'): Promise<Deliverer> {
    const ledger = await openLedger({ url, directory: `${project.directory}/.syncline`, values: 'encrypted' });
    const name = `e2e-${project.directory.slice(-6).toLowerCase()}`;
    return new Deliverer(ledger, `${name}/dev/${sync}`, await Connection.connect(await testTemporal()));
  }

  async close(): Promise<void> {
    await this.ledger.close();
    await this.#connection.close();
  }

  /** @returns whether it was new */
  async deliver(events: readonly (Partial<DeliveredEvent> & { readonly key: string })[], deliveryId = `d${++this.#count}`): Promise<boolean> {
    const receivedAt = Date.now();
    const told = events.map((event) => ({ scope: this.scope, kind: 'changed' as const, ...event }));
    const delivery = { connection: `${this.scope} from`, deliveryId, receivedAt, keepUntil: receivedAt + 600_000, events: told };
    const { accepted, wake } = await this.ledger.acceptDelivery(delivery);
    if (this.isMute) return accepted;
    this.signals += wake.length;
    await wakeSyncs({ client: this.#client }, wake, false);
    return accepted;
  }

  async open(): Promise<number> {
    return (await this.ledger.countOpenEvents(this.scope)).reduce((sum, { open }) => sum + open, 0);
  }

  /** Once more than each minute. */
  async triggerWakeUp(): Promise<void> {
    const id = scheduleId({ ...parseSyncScope(this.scope), sync: '(deliveries)' });
    await this.#client.schedule.getHandle(id).trigger();
  }

  /** As when it starts. */
  wakeAll(): Promise<readonly string[]> {
    const { project, profile } = parseSyncScope(this.scope);
    return wakeOpenSyncs({ client: this.#client }, this.ledger, { project, profile, hasSearchAttributes: false });
  }
}
