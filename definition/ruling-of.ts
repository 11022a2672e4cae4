import type { CheckScope } from './check-scope.ts';
import type { Loaded } from './parse-definition.ts';
import type { Sync } from './schema/sync.ts';
import type { Path, YamlFile } from './yaml-file.ts';

/** A rule that counts for a sync, and where it stands. */
export interface Ruling<Rule> {
  readonly rule: Rule | undefined;
  readonly file: YamlFile;
  readonly path: Path;
  /** Before what is true of this sync alone, where the rule is one for many. */
  readonly lead: string;
}

type Rules = Pick<Sync, 'conflict' | 'reconcile' | 'schedule'>;

/** The sync's own rule, or that of the project's defaults for all syncs that do not say otherwise. */
export function rulingOf<Key extends keyof Rules>({ files: { project } }: CheckScope, { name, file, value }: Loaded<Rules>, key: Key): Ruling<Rules[Key]> {
  if (value[key] !== undefined || project === undefined) return { rule: value[key], file, path: [key], lead: '' };
  const defaults: Rules = project.value.defaults ?? {};
  return { rule: defaults[key], file: project.file, path: ['defaults', key], lead: `for ${name}: ` };
}
