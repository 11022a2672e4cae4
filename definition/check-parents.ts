import { checkExpression, type Page } from './check-expression.ts';
import { listInsertions } from './list-insertions.ts';
import type { Mistake } from './mistake.ts';
import type { ConnectorObject } from './schema/connector.ts';
import type { Path } from './yaml-file.ts';

/** `list.parents` of one object. @param siblings the objects of its connector, its own among them */
export function checkParents(page: Page, path: Path, { list }: ConnectorObject, siblings: Readonly<Record<string, ConnectorObject>>): Mistake[] {
  const parents = list?.parents;
  if (list === undefined || parents === undefined) return [];
  const { file } = page;
  const at = [...path, 'list', 'parents'];
  const mistakes = Object.entries(parents.add ?? {}).flatMap(([name, source]) => checkExpression(page, [...at, 'add', name], source));
  if (listInsertions(list)?.has('parent') === false)
    mistakes.push(
      file.mistake(at, 'no template of the list inserts parent: each parent would have the same records; write /lists/{parent.id}/members', { at: 'key' }),
    );
  const parent = Object.hasOwn(siblings, parents.object) ? siblings[parents.object] : undefined;
  if (parent === undefined) {
    const known = Object.keys(siblings).filter((name) => siblings[name]?.list !== undefined);
    const meant = { name: parents.object, known, orElse: `: it has ${known.join(', ')}` };
    return [...mistakes, file.mistake([...at, 'object'], `there is no object "${parents.object}"`, { meant })];
  }
  if (parent.list === undefined) mistakes.push(file.mistake([...at, 'object'], `${parents.object} have no \`list\`: nobody knows which there are`));
  else if (parent.list.parents !== undefined)
    mistakes.push(file.mistake([...at, 'object'], `${parents.object} have parents themselves: one level is all that is read`));
  return mistakes;
}
