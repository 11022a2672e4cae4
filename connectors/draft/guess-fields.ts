import { type AnswerShape, expressionOf, type ObjectShape, plainName } from './answer-shape.ts';
import type { AskedParameter } from './asked-parameter.ts';
import type { Guess } from './draft.ts';

const KEYS = ['id', '_id', 'uuid', 'guid', 'uid', 'gid', 'key', 'identifier', 'code', 'sku', 'slug', 'number', 'name'];
const CHANGED = [
  'updated_at',
  'updated',
  'modified_at',
  'modified',
  'last_modified',
  'last_modified_at',
  'last_updated',
  'last_updated_at',
  'date_updated',
  'date_modified',
  'updated_on',
  'modified_on',
  'updated_date',
  'modified_date',
  'last_modified_date',
  'changed_at',
  'update_time',
];

/** The field by which a record is known. */
export function guessKey({ fields }: ObjectShape, objectName: string): Guess<string> {
  const names = Object.keys(fields).filter((name) => isScalar(fields[name]));
  const one = plainName(objectName)
    .replace(/ies$/, 'y')
    .replace(/(?<=[^s])s$/, '');
  const wanted = [...KEYS.slice(0, 6), `${one}_id`, `id_${one}`, ...KEYS.slice(6)];
  for (const name of wanted) {
    const found = names.find((known) => plainName(known) === plainName(name));
    if (found !== undefined) return { value: expressionOf([found]), why: `records have "${found}"` };
  }
  const other = names.find((name) => plainName(name).endsWith('_id'));
  if (other !== undefined) return { value: expressionOf([other]), why: `no field "id", but "${other}"` };
  return { value: 'id', why: 'no field of a record looks like its key' };
}

/** The field that says when a record was changed last. */
export function changedField({ fields }: ObjectShape): string | undefined {
  const names = Object.keys(fields).filter((name) => isScalar(fields[name]));
  return CHANGED.flatMap((wanted) => names.filter((name) => plainName(name) === wanted))[0];
}

/** What a list is asked for records changed since a time by. */
export function guessWindow(
  parameters: readonly AskedParameter[],
  changed: string | undefined,
): Guess<{ readonly from: string; readonly to?: string }> | undefined {
  const from = parameters.find(({ name, isNumber }) => SINCE.test(plainName(name)) && !(name === 'since' && isNumber === true));
  if (from === undefined) return undefined;
  const to = parameters.find(({ name }) => UNTIL.test(plainName(name)));
  const field = changed === undefined ? 'find the field that says when a record changed' : `in a sync: incremental: { cursorField: ${changed} }`;
  return { value: { from: from.name, ...(to === undefined ? {} : { to: to.name }) }, why: `asks for what changed since; ${field}` };
}

const STEM = '(?:filter_|q_|query_)?(?:date_|last_|min_|is_)*(?:updated|modified|changed|update|modification)(?:_(?:at|on|time|date|timestamp))?';
const SINCE = new RegExp(`^(?:since|${STEM}_(?:after|since|from|gte|gt|min|start|begin)|${'(?:min|start|from|after|since)_'}${STEM}|if_modified_since)$`);
const UNTIL = new RegExp(`^(?:until|${STEM}_(?:before|until|to|lt|lte|max|end)|${'(?:max|end|to|before|until)_'}${STEM})$`);

function isScalar(shape: AnswerShape | undefined): boolean {
  return shape?.kind === 'scalar' && shape.type !== 'boolean';
}
