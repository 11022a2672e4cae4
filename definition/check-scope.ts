import type { Environment } from './environment.ts';
import type { ProjectFiles } from './project-files.ts';
import type { ServedQueues } from './served-queues.ts';

/** What the checks of one project are made against. */
export interface CheckScope {
  readonly files: ProjectFiles;
  readonly profile: string;
  readonly environment: Environment;
  /** Secrets of other connections may be missing here. */
  readonly served: ServedQueues;
}
