import type { Socket } from 'node:net';
import { type buildConnector, Client, type Dispatcher } from 'undici';

/** A connection that was opened ahead and not used for so long may be dead without our knowing. */
const PREPARED_FRESH_MS = 1_000;

/** The request was not handed to a connection: nothing of it was sent. */
export class NotSent extends Error {
  constructor(cause: unknown) {
    super('the request was not sent', { cause });
    this.name = 'NotSent';
  }
}

/** Its connection was gone before the request was handed to it. */
class ConnectionGone extends Error {}

export interface LaneOptions {
  readonly origin: URL;
  readonly connector: buildConnector.connector;
  readonly headersMs: number;
  readonly bodyMs: number;
}

/**
 * One connection and at most one request on it. The connection is opened before the request is handed over, never after: a write that was checked just now must not wait for a
 * slow connect and leave later. (undici's own pool opens connections after it took the request.)
 */
export class ConnectionLane {
  readonly #options: LaneOptions;
  readonly #client: Client;
  #isConnected = false;
  #opening: Promise<void> | undefined;
  #prepared: { readonly socket: Socket; readonly at: number } | undefined;

  constructor(options: LaneOptions) {
    this.#options = options;
    this.#client = new Client(options.origin, {
      pipelining: 1,
      // One request on a connection: HTTP/2 would repeat requests by itself after a GOAWAY.
      allowH2: false,
      headersTimeout: options.headersMs,
      bodyTimeout: options.bodyMs,
      connect: (_options, callback) => {
        // undici does not look at its queue again when it is answered at once.
        queueMicrotask(() => {
          const prepared = this.#takePrepared();
          if (prepared === undefined) callback(new ConnectionGone('the connection is gone'), null);
          else callback(null, prepared);
        });
      },
    });
    this.#client.on('connect', () => {
      this.#isConnected = true;
    });
    this.#client.on('disconnect', () => {
      this.#isConnected = false;
    });
  }

  /** Whether a request may go without opening a connection. */
  get isOpen(): boolean {
    return this.#isConnected || this.#isPreparedFresh();
  }

  /** Opens the connection if there is none. @throws NotSent with the reason; the signal's reason where it fires first */
  async open(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (this.isOpen) return;
    this.#opening ??= this.#connect().finally(() => {
      this.#opening = undefined;
    });
    await (signal === undefined ? this.#opening : unlessAborted(this.#opening, signal));
  }

  /** Hands the request to the open connection. @throws NotSent where it was gone, and what undici throws */
  async request(options: Dispatcher.RequestOptions): Promise<Dispatcher.ResponseData> {
    try {
      return await this.#client.request(options);
    } catch (error) {
      throw error instanceof ConnectionGone ? new NotSent(error) : error;
    }
  }

  async close(): Promise<void> {
    this.#prepared?.socket.destroy();
    await this.#client.close();
  }

  #connect(): Promise<void> {
    const { origin, connector } = this.#options;
    const { hostname, host, protocol, port } = origin;
    return new Promise((resolve, reject) => {
      connector({ hostname: hostname.replace(/^\[|\]$/g, ''), host, protocol, port }, (error, socket) => {
        // undici leaves the second argument out where its types say null
        if (error !== null || !socket) return reject(new NotSent(error));
        this.#prepared?.socket.destroy();
        this.#prepared = { socket, at: performance.now() };
        // Nobody reads from it yet, so its end would go unnoticed: it is not kept for long.
        socket.setTimeout(PREPARED_FRESH_MS, () => socket.destroy());
        resolve();
      });
    });
  }

  #isPreparedFresh(): boolean {
    return this.#prepared !== undefined && !this.#prepared.socket.destroyed && performance.now() - this.#prepared.at < PREPARED_FRESH_MS;
  }

  #takePrepared(): Socket | undefined {
    const socket = this.#isPreparedFresh() ? this.#prepared?.socket : undefined;
    this.#prepared = undefined;
    socket?.setTimeout(0);
    socket?.removeAllListeners('timeout');
    return socket;
  }
}

/** Waits for the work or the signal, whichever comes first; the work goes on. */
function unlessAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
