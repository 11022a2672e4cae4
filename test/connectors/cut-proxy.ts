import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** Stands between a client and a server on this machine, and cuts their connection where the client sends certain words. */
export class CutProxy {
  /** Cut when the client sends this, after it has sent something else: before it reaches the server, or once the server has got it. */
  cutAt: { readonly words: string; readonly after?: string; readonly reaches: boolean } | undefined;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(port: number): Promise<CutProxy> {
    const server = createServer();
    const proxy = new CutProxy(server);
    server.on('connection', (client) => proxy.#join(client, connect(port, '127.0.0.1')));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return proxy;
  }

  get port(): number {
    const address: AddressInfo | string | null = this.#server.address();
    if (address === null || typeof address === 'string') throw new TypeError('not listening');
    return address.port;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #join(client: Socket, server: Socket): void {
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
    }
    client.on('data', (chunk) => {
      const { cutAt } = this;
      if (cutAt?.after !== undefined && chunk.includes(cutAt.after)) this.cutAt = { words: cutAt.words, reaches: cutAt.reaches };
      if (cutAt?.after !== undefined) return server.write(chunk);
      if (cutAt === undefined || !chunk.includes(cutAt.words)) return server.write(chunk);
      this.cutAt = undefined;
      if (!cutAt.reaches) return [client, server].map((socket) => socket.destroy());
      server.removeAllListeners('data');
      server.once('data', () => server.destroy());
      return server.write(chunk, () => client.destroy());
    });
    server.on('data', (chunk) => client.write(chunk));
    client.on('close', () => server.end());
    server.on('close', () => client.destroy());
  }
}
