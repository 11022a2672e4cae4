import type { ProjectFiles } from './project-files.ts';
import type { Connection } from './schema/connection.ts';

/** The connections that a process talks to: those without a task queue of their own, those of the queues named, or all. */
export type ServedQueues = 'unnamed' | 'all' | readonly string[];

/** @param queue of a connection */
export function serves(served: ServedQueues, queue: string | undefined): boolean {
  if (served === 'all') return true;
  return served === 'unnamed' ? queue === undefined : queue !== undefined && served.includes(queue);
}

/** The task queue of a connection on a profile, if it has one of its own. */
export function taskQueueOf({ taskQueue, profiles = {} }: Connection, profile: string): string | undefined {
  return (Object.hasOwn(profiles, profile) ? profiles[profile]?.taskQueue : undefined) ?? taskQueue;
}

/** All task queues that connections of a project have on a profile. */
export function namedQueues(files: ProjectFiles, profile: string): readonly string[] {
  return [...new Set([...files.connections.values()].flatMap(({ value }) => taskQueueOf(value, profile) ?? []))].toSorted();
}
