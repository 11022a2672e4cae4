import { type Logger, pino } from 'pino';
import { loggedError } from './sight/logged-error.ts';
import { currentStepIds } from './sight/step-ids.ts';

/** The log of a worker: JSON lines on stderr, each with the ids of whatever is worked on. */
export interface WorkerLog {
  readonly log: Logger;
  /** Known from now on: on every line. */
  name(project: string, profile: string): void;
}

export function createWorkerLog(): WorkerLog {
  let names = {};
  const options = { base: { pid: process.pid }, mixin: () => ({ ...names, ...currentStepIds() }), serializers: { error: loggedError } };
  const log = pino(options, pino.destination(2));
  return {
    log,
    name: (project, profile) => {
      names = { project, profile };
    },
  };
}
