import type { SecureContext } from 'node:tls';
import { ConnectionLanes } from './connection-lanes.ts';
import type { HttpClientOptions } from './http-client.ts';
import { openSecureContext } from './secure-context.ts';

/** The connections of an account, by where its API is: one address for most; another where that is told with the token. */
export class Homes {
  readonly #baseUrl: URL;
  readonly #timeouts: HttpClientOptions['timeouts'];
  readonly #secureContext: SecureContext | undefined;
  readonly #lanes = new Map<string, ConnectionLanes>();
  readonly #elsewhere = new Map<string, ConnectionLanes>();

  constructor({ name, timeouts, tls }: Pick<HttpClientOptions, 'name' | 'timeouts' | 'tls'>, baseUrl: URL) {
    this.#baseUrl = baseUrl;
    this.#timeouts = timeouts;
    this.#secureContext = tls === undefined ? undefined : openSecureContext(name, tls);
  }

  /** @param told where the API is, if not at the base address of the connection */
  lanesOf(told: string | undefined): ConnectionLanes {
    const address = told ?? this.#baseUrl.href;
    const lanes = this.#lanes.get(address) ?? new ConnectionLanes(told === undefined ? this.#baseUrl : new URL(told), this.#timeouts, this.#secureContext);
    this.#lanes.set(address, lanes);
    return lanes;
  }

  /** Of another host, which is shown no certificate of the account. */
  lanesElsewhere(origin: string): ConnectionLanes {
    const lanes = this.#elsewhere.get(origin) ?? new ConnectionLanes(new URL(origin), this.#timeouts, undefined);
    this.#elsewhere.set(origin, lanes);
    return lanes;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#lanes.values(), ...this.#elsewhere.values()].map((lanes) => lanes.close()));
  }
}
