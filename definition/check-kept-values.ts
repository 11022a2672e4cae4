import type { CheckScope } from './check-scope.ts';
import type { Mistake } from './mistake.ts';
import type { Loaded } from './parse-definition.ts';
import type { Project } from './schema/project.ts';
import type { Sync } from './schema/sync.ts';
import type { Path, YamlFile } from './yaml-file.ts';

const NOT_KEPT = 'needs what the target was told, which `values: hashed` does not keep';

/** Rules that compare with what the target was told last, where that is not kept: they would take each value for other people's, or for none. */
export function checkKeptValues({ files }: CheckScope, { value: { mapping, ...rules }, file }: Loaded<Sync>): Mistake[] {
  if (files.project?.value.values !== 'hashed') return [];
  const once = Object.entries(mapping).flatMap(([name, rule]) =>
    typeof rule === 'object' && rule.write === 'once'
      ? [file.mistake(['mapping', name, 'write'], `once ${NOT_KEPT}: write if-empty here, or \`values: encrypted\` in syncline.yaml`)]
      : [],
  );
  return [...once, ...checkRules(file, [], rules)];
}

/** The same of the rules that a project gives all its syncs. */
export function checkKeptDefaults({ file, value: { values, defaults } }: Loaded<Project>): Mistake[] {
  return values === 'hashed' && defaults !== undefined ? checkRules(file, ['defaults'], defaults) : [];
}

function checkRules(file: YamlFile, path: Path, { conflict, reconcile }: Pick<Sync, 'conflict' | 'reconcile'>): Mistake[] {
  const mistakes: Mistake[] = [];
  if (conflict !== undefined && conflict.policy !== 'source-wins')
    mistakes.push(
      file.mistake([...path, 'conflict', 'policy'], `${conflict.policy} ${NOT_KEPT}: write source-wins here, or \`values: encrypted\` in syncline.yaml`),
    );
  if (reconcile !== undefined && reconcile.compare !== 'counts')
    mistakes.push(
      file.mistake([...path, 'reconcile'], `comparing records ${NOT_KEPT}: add \`compare: counts\` here, or write \`values: encrypted\` in syncline.yaml`, {
        at: 'key',
      }),
    );
  return mistakes;
}
