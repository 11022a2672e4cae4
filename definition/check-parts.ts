import type { Endpoint } from './check-endpoint.ts';
import type { Page } from './check-expression.ts';
import { checkPositive } from './check-limits.ts';
import { listInsertions } from './list-insertions.ts';
import type { Mistake } from './mistake.ts';
import type { ListEndpoint } from './schema/connector.ts';
import type { Path } from './yaml-file.ts';

/** Fields that are asked for in parts, by a request that names none. */
export function checkFieldParts({ file }: Page, path: Path, list: ListEndpoint): Mistake[] {
  if (list.fieldNames === undefined || listInsertions(list)?.has('fieldNames') !== false) return [];
  return [
    file.mistake(
      [...path, 'fieldNames'],
      `no template of the list inserts fieldNames: each part would have all of them; write fields: "{$join(fieldNames, ',')}"`,
      {
        at: 'key',
      },
    ),
  ];
}

/** A list of changes that is not told since when. */
export function checkChanges({ file }: Page, path: Path, changes: Endpoint): Mistake[] {
  const mistakes = checkPositive(file, [...path, 'keeps']);
  if (listInsertions(changes)?.has('window.from') !== false) return mistakes;
  return [...mistakes, file.mistake(path, 'nothing in it inserts {window.from}: nobody tells the API since when', { at: 'key' })];
}
