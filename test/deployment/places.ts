import { randomInt } from 'node:crypto';
import { createConnection } from 'node:net';
import { freePort } from '../../worker/temporal-server/free-port.ts';

const LISTENERS = [...['FRONTEND', 'MATCHING', 'HISTORY', 'WORKER'].flatMap((name) => [`${name}_GRPC_PORT`, `${name}_MEMBERSHIP_PORT`]), 'FRONTEND_HTTP_PORT'];
/** The server keeps the ports of its members in a column of two bytes. */
const LOWEST_PORT = 10_000;
const HIGHEST_PORT = 32_000;
const SEPARATE = [
  ['SQL_HOST', 'SQL_PORT'],
  ['POSTGRES_SEEDS', 'DB_PORT'],
] as const;

/** Free ports for all that a Temporal server listens on, by the variable that tells it. */
export async function chooseListeners(): Promise<Readonly<Record<string, string>>> {
  const taken = new Set<number>();
  for (const _ of LISTENERS) taken.add(await freePort(randomInt(LOWEST_PORT, HIGHEST_PORT), taken));
  return Object.fromEntries([...taken].map((port, at) => [LISTENERS[at] ?? '', String(port)]));
}

/** @param places `host:port` in the containers to `host:port` here */
export function toLocal(environment: Readonly<Record<string, string>>, places: ReadonlyMap<string, string>): Record<string, string> {
  const translate = (value: string) => [...places].reduce((text, [there, here]) => text.replaceAll(there, here), value);
  const env = Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, translate(value)]));
  for (const [hostName, portName] of SEPARATE) {
    const [host, port] = places.get(`${env[hostName]}:${env[portName]}`)?.split(':') ?? [];
    if (host !== undefined && port !== undefined) Object.assign(env, { [hostName]: host, [portName]: port });
  }
  return env;
}

/** Whether something listens there. */
export function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(port, '127.0.0.1')
      .once('connect', () => resolve(true))
      .once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
