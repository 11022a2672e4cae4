import type { ResolvedSync } from '../definition/resolved.ts';
import type { RunQueues } from './activities.ts';

/** The task queues of a sync's connections, where they have some of their own; see `RunPlan.queues`. */
export function runQueues({ sync, connections }: ResolvedSync): { readonly queues?: RunQueues } {
  if (Object.values(connections).every(({ taskQueue }) => taskQueue === undefined)) return {};
  const queueOf = (connection: string) => connections[connection]?.taskQueue;
  const lookups = Map.groupBy(Object.entries(sync.lookups), ([, { from }]) => queueOf(from.connection));
  const [source, target] = [queueOf(sync.source.connection), queueOf(sync.target.connection)];
  return {
    queues: {
      ...(source === undefined ? {} : { source }),
      ...(target === undefined ? {} : { target }),
      lookups: [...lookups].map(([queue, rules]) => ({ ...(queue === undefined ? {} : { queue }), only: rules.map(([name]) => name) })),
    },
  };
}
