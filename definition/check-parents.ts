import { checkExpression, type Page } from './check-expression.ts';
import { METHODS } from './check-request.ts';
import { listInsertions } from './list-insertions.ts';
import type { Mistake } from './mistake.ts';
import { parentCircle, parentsOf } from './parents-of.ts';
import type { ConnectorObject, ListEndpoint, ParentsRule } from './schema/connector.ts';
import type { Path } from './yaml-file.ts';

type Listed = ConnectorObject & { readonly list: ListEndpoint };
type Siblings = Readonly<Record<string, ConnectorObject>>;

/** `list.parents` of one object. @param siblings the objects of its connector, its own among them */
export function checkParents(page: Page, path: Path, object: ConnectorObject, siblings: Siblings): Mistake[] {
  const { list } = object;
  if (list === undefined) return [];
  const at = [...path, 'list', 'parents'];
  const circle = parentCircle({ ...siblings }, String(path.at(-1)));
  const mistakes = parentsOf(list).flatMap((rule, index) =>
    checkRule(page, Array.isArray(list.parents) ? [...at, index] : at, { ...object, list }, rule, siblings),
  );
  if (circle !== undefined && mistakes.length === 0)
    mistakes.push(page.file.mistake(at, `${circle} would be their own parents: there would be no list to begin with`, { at: 'key' }));
  return mistakes;
}

function checkRule(page: Page, at: Path, object: Listed, rule: ParentsRule, siblings: Siblings): Mistake[] {
  const { file } = page;
  const mistakes = Object.entries(rule.add ?? {}).flatMap(([name, source]) => checkExpression(page, [...at, 'add', name], source));
  mistakes.push(...checkExpression(page, [...at, 'within'], rule.within), ...checkInsertions(page, at, object, rule));
  if (rule.object === undefined) return mistakes;
  const parent = Object.hasOwn(siblings, rule.object) ? siblings[rule.object] : undefined;
  if (parent === undefined) {
    const known = Object.keys(siblings).filter((name) => siblings[name]?.list !== undefined);
    const meant = { name: rule.object, known, orElse: `: it has ${known.join(', ')}` };
    return [...mistakes, file.mistake([...at, 'object'], `there is no object "${rule.object}"`, { meant })];
  }
  if (parent.list === undefined) mistakes.push(file.mistake([...at, 'object'], `${rule.object} have no \`list\`: nobody knows which there are`));
  return mistakes;
}

/** Requests that say nothing of a parent would be the same for each: what is meant where the parent is a part of the key, as then each pair is a record. */
function checkInsertions({ file }: Page, at: Path, { primaryKey, list }: Listed, { group, object, add = {} }: ParentsRule): Mistake[] {
  const isAsked = list.graphql !== undefined || METHODS.some((method) => list[method] !== undefined);
  const inserted = group === undefined ? 'parent' : 'parents';
  if (!isAsked || listInsertions(list)?.has(inserted) !== false || Object.keys(add).some((name) => primaryKey.includes(name))) return [];
  const example =
    group === undefined ? (object === undefined ? 'status: "{parent.value}"' : '/lists/{parent.id}/members') : 'ids: "{$join(parents.id, \',\')}"';
  const each = group === undefined ? 'each parent' : 'each group of parents';
  return [file.mistake(at, `no template of the list inserts ${inserted}: ${each} would have the same records; write ${example}`, { at: 'key' })];
}
