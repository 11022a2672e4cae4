import { taskQueues } from '../../engine/ids.ts';
import type { Cli } from '../cli.ts';
import type { Absence } from './absence.ts';
import { hasActivityWorker } from './worker-presence.ts';

export interface ConnectionQueue {
  readonly connection: string;
  readonly queue: string;
  /** By a worker. */
  readonly isServed: boolean;
}

/** The connections of the syncs that have a task queue of their own. The server is only asked where there are some. */
export async function readQueues(cli: Cli, syncs: readonly string[]): Promise<readonly ConnectionQueue[]> {
  const { name, profile, find } = await cli.session.project();
  const connections = new Map(syncs.flatMap((sync) => Object.entries(find(sync)?.connections ?? {})));
  const named = [...connections].flatMap(([connection, { taskQueue }]) => (taskQueue === undefined ? [] : [{ connection, queue: taskQueue }]));
  if (named.length === 0) return [];
  const temporal = await cli.session.temporal();
  return Promise.all(
    named.map(async ({ connection, queue }) => {
      // Readers and writers of a worker begin and end together.
      const isServed = await hasActivityWorker(temporal, taskQueues(name, profile, queue).reading);
      return { connection, queue, isServed };
    }),
  );
}

/** The first of them that nobody serves. */
export async function findIdleQueue(cli: Cli, syncs: readonly string[]): Promise<Absence | undefined> {
  const idle = (await readQueues(cli, syncs)).find(({ isServed }) => !isServed);
  return idle === undefined ? undefined : { kind: 'no-worker-of-queue', queue: idle.queue, connection: idle.connection };
}
