import type { ListEndpoint } from '../../definition/schema/connector.ts';
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

/** @returns what is remembered of a parent: its fields that the list's templates insert and `parents.add` reads */
export function compileParentRef(list: ListEndpoint): (parent: SourceRecord) => ParentRef {
  const values = Object.values(list.query ?? {}).map((given) => (typeof given === 'object' ? given.value : given));
  const templates = [list.body ?? null, list.variables ?? null, ...values, ...Object.values(list.headers ?? {})].map((value) => compileTemplate(value));
  const paths = METHODS.flatMap((method) => list[method] ?? []).map(compilePathTemplate);
  const inserted = [...templates, ...paths].flatMap(({ expressions }) => expressions.flatMap((expression) => expression.paths));
  const added = Object.values(list.parents?.add ?? {}).flatMap((source) => compileExpression(source).paths);
  const names = new Set([...inserted.flatMap(nameInParent), ...added.map(firstName)]);
  const isWhole = inserted.includes('parent') || names.has('$');
  return ({ key, fields }) => ({
    key,
    fields: isWhole ? fields : Object.fromEntries(Object.entries(fields).filter(([name]) => names.has(name))),
  });
}

/** `parent.owner.id` reads the parent's `owner`. */
function nameInParent(path: string): readonly string[] {
  const [first, second] = path.split('.');
  return first === 'parent' && second !== undefined ? [second] : [];
}

function firstName(path: string): string {
  return path.split('.')[0] ?? path;
}

export function readParentRef(value: Json | undefined): ParentRef | undefined {
  if (!isJsonObject(value)) return undefined;
  const { key, fields } = value;
  return typeof key === 'string' && isJsonObject(fields) ? { key, fields } : undefined;
}
