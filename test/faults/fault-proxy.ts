import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

/** What a bad network does to one connection. */
export type Fault =
  | { readonly kind: 'none' }
  /** Each piece of an answer comes so much later, more or less. */
  | { readonly kind: 'slow'; readonly latencyMs: number; readonly jitterMs: number }
  /** Answers come byte by byte. */
  | { readonly kind: 'sliced' }
  /** The connection is reset when so many bytes of the answer have come. */
  | { readonly kind: 'reset'; readonly afterBytes: number }
  /** The answer stops after so many bytes, and the connection stays open for ever. */
  | { readonly kind: 'half-open'; readonly afterBytes: number }
  /** Nobody listens. */
  | { readonly kind: 'refused' };

/** Stands between us and an API, and spoils the connections that `faultOf` says; the first one is number 0. */
export class FaultProxy {
  faultOf: (connection: number) => Fault = () => ({ kind: 'none' });
  connections = 0;
  readonly #target: URL;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(target: string) {
    this.#target = new URL(target);
    this.#server = createServer((client) => this.#join(client));
  }

  static async start(context: TestContext, target: string): Promise<{ readonly proxy: FaultProxy; readonly url: string }> {
    const proxy = new FaultProxy(target);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    context.after(() => {
      for (const socket of proxy.#sockets) socket.destroy();
      proxy.#server.close();
    });
    const address = proxy.#server.address();
    return { proxy, url: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}` };
  }

  #join(client: Socket): void {
    const fault = this.faultOf(this.connections);
    this.connections += 1;
    this.#keep(client);
    if (fault.kind === 'refused') return void client.resetAndDestroy();
    const api = connect(Number(this.#target.port), this.#target.hostname);
    this.#keep(api);
    client.pipe(api);
    this.#answer(api, client, fault).catch(() => client.destroy());
  }

  async #answer(api: Socket, client: Socket, fault: Fault): Promise<void> {
    let sent = 0;
    for await (const piece of api) {
      const bytes: Buffer = piece;
      if (fault.kind === 'slow') await sleep(fault.latencyMs + Math.random() * fault.jitterMs);
      if (fault.kind === 'sliced') {
        for (const byte of bytes) await write(client, Buffer.of(byte));
        continue;
      }
      const isCut = fault.kind === 'reset' || fault.kind === 'half-open';
      const room = isCut ? Math.max(0, fault.afterBytes - sent) : bytes.length;
      if (room > 0) await write(client, bytes.subarray(0, room));
      sent += bytes.length;
      if (fault.kind === 'reset' && sent >= fault.afterBytes) return void client.resetAndDestroy();
    }
    if (fault.kind !== 'half-open') client.end();
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => undefined).on('close', () => this.#sockets.delete(socket));
  }
}

async function write(socket: Socket, bytes: Buffer): Promise<void> {
  if (!socket.write(bytes)) await once(socket, 'drain');
}
