import { Counter, collectDefaultMetrics, Registry } from 'prom-client';
import { type SightServer, startSightServer } from '../../worker/sight/sight-server.ts';
import { type Counts, LISTENER_METRICS } from '../counts.ts';

/**
 * Serves what the listener counts, and its process, in Prometheus' text format: at an address of its own, as the other one is for the world.
 * @param address host:port
 * @param notReady what keeps it from working, in fixed words; empty: nothing
 * @throws SyncError SYSTEM_UNAVAILABLE where nothing can listen there
 */
export function serveMetrics(address: string, counts: Counts, notReady: () => Promise<readonly string[]>): Promise<SightServer> {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const [key, { name, help, labels }] of Object.entries(LISTENER_METRICS)) {
    const collect = function (this: Counter): void {
      this.reset();
      for (const count of counts.list()) if (count.name === key) this.inc(count.labels, count.value);
    };
    new Counter({ name, help, labelNames: [...labels], registers: [registry], collect });
  }
  return startSightServer('listener', address, { metrics: () => registry.metrics(), notReady });
}
