import type { SecureContext } from 'node:tls';
import { buildConnector } from 'undici';
import { ConnectionLane, type LaneOptions } from './connection-lane.ts';
import type { HttpClientOptions } from './http-client.ts';

/** The connections to one origin. There are as many as requests were ever in flight at once; the limiter bounds those. */
export class ConnectionLanes {
  /** What paths are joined to. */
  readonly baseUrl: URL;
  readonly #options: LaneOptions;
  readonly #all = new Set<ConnectionLane>();
  #idle: ConnectionLane[] = [];

  /** @param baseUrl its origin counts */
  constructor(baseUrl: URL, timeouts: HttpClientOptions['timeouts'], secureContext: SecureContext | undefined) {
    this.baseUrl = baseUrl;
    const connector = buildConnector({ timeout: timeouts.connectMs, allowH2: false, ...(secureContext === undefined ? {} : { secureContext }) });
    this.#options = { origin: new URL(baseUrl.origin), connector, headersMs: timeouts.headersMs, bodyMs: timeouts.bodyMs };
  }
  /** A lane of one's own until it is given back: the one used last, if its connection is still open. */
  take(): ConnectionLane {
    const open = this.#idle.findLastIndex((lane) => lane.isOpen);
    const [lane] = this.#idle.splice(open === -1 ? this.#idle.length - 1 : open, 1);
    if (lane !== undefined) return lane;
    const created = new ConnectionLane(this.#options);
    this.#all.add(created);
    return created;
  }

  giveBack(lane: ConnectionLane): void {
    this.#idle.push(lane);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#all].map((lane) => lane.close()));
    this.#idle = [];
  }
}
