import type { ListEndpoint, ParentsRule } from '../../definition/schema/connector.ts';
import { compileExpression } from '../../engine/expression.ts';
import { isJsonObject, type Json, type JsonObject } from '../../engine/json.ts';
import { compilePathTemplate, compileTemplate } from '../../engine/template.ts';
import type { SourceRecord } from '../ports.ts';

/** A parent as a walk through its records remembers it: what the requests insert of it, and no more. */
export interface ParentRef {
  readonly key: string;
  readonly fields: JsonObject;
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

/** @returns what is remembered of a parent: its fields that the list's templates insert and `add` reads */
export function compileParentRef(list: ListEndpoint, { add = {} }: Pick<ParentsRule, 'add'>): (parent: SourceRecord) => ParentRef {
  const values = Object.values(list.query ?? {}).map((given) => (typeof given === 'object' ? given.value : given));
  const templates = [list.body ?? null, list.variables ?? null, ...values, ...Object.values(list.headers ?? {})].map((value) => compileTemplate(value));
  const paths = METHODS.flatMap((method) => list[method] ?? []).map(compilePathTemplate);
  const inserted = [...templates, ...paths].flatMap(({ expressions }) => expressions.flatMap((expression) => expression.paths));
  const added = Object.values(add).flatMap((source) => compileExpression(source).paths);
  const names = new Set([...inserted.flatMap(nameInParent), ...added.map(firstName)]);
  const isWhole = inserted.some((path) => path === 'parent' || path === 'parents') || names.has('$');
  return ({ key, fields }) => ({
    key,
    fields: isWhole ? fields : Object.fromEntries(Object.entries(fields).filter(([name]) => names.has(name))),
  });
}

/** `parent.owner.id` reads the parent's `owner`, `parents.id` the `id` of each. */
function nameInParent(path: string): readonly string[] {
  const [first, second] = path.split('.');
  return (first === 'parent' || first === 'parents') && second !== undefined ? [second] : [];
}

function firstName(path: string): string {
  return path.split('.')[0] ?? path;
}

/** Each parent once for each of the values, which it has as its `value`. */
export function withValues(parents: readonly SourceRecord[], values: ParentsRule['values']): readonly SourceRecord[] {
  if (values === undefined) return parents;
  return parents.flatMap(({ key, fields }) => values.map((value) => ({ key: `${key}/${value}`, fields: { ...fields, value } })));
}

export function readParentRef(value: Json | undefined): ParentRef | undefined {
  if (!isJsonObject(value)) return undefined;
  const { key, fields } = value;
  return typeof key === 'string' && isJsonObject(fields) ? { key, fields } : undefined;
}
