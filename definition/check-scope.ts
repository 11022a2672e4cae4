import type { Environment } from './environment.ts';
import type { ProjectFiles } from './project-files.ts';

/** What the checks of one project are made against. */
export interface CheckScope {
  readonly files: ProjectFiles;
  readonly profile: string;
  readonly environment: Environment;
}
