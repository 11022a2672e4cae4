import { createServer } from 'node:net';

const TRIES = 100;

/** The wanted port on loopback, or the next free one that is not in `taken`. 0 asks for any. */
export async function freePort(wanted: number, taken: ReadonlySet<number> = new Set()): Promise<number> {
  for (let tries = 0; tries < TRIES; tries++) {
    const found = await tryPort(wanted === 0 ? 0 : wanted + tries);
    if (found !== undefined && !taken.has(found)) return found;
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
