import { createServer } from 'node:net';

const TRIES = 50;

/** The wanted port on loopback, or the next free one. 0 asks for any. */
export async function freePort(wanted: number): Promise<number> {
  for (let port = wanted; port < wanted + TRIES; port++) {
    const found = await tryPort(port);
    if (found !== undefined) return found;
  }
  throw new Error(`No port is free between ${wanted} and ${wanted + TRIES - 1}.`);
}

function tryPort(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : undefined));
    });
  });
}
