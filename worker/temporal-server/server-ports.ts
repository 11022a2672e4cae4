import { freePort } from './free-port.ts';

/** Every listener of a server, so that none is left to chance. */
export interface ServerPorts {
  readonly grpc: number;
  readonly ui: number;
  readonly http: number;
  readonly metrics: number;
}

/** The wanted ports, or the next free ones; the other two are any. */
export async function choosePorts(wanted: { readonly port: number; readonly uiPort: number }): Promise<ServerPorts> {
  const taken = new Set<number>();
  const take = async (port: number) => {
    const found = await freePort(port, taken);
    taken.add(found);
    return found;
  };
  return { grpc: await take(wanted.port), ui: await take(wanted.uiPort), http: await take(0), metrics: await take(0) };
}
