import { Refused } from './ingest-jobs.ts';
import type { Fields, Records } from './records.ts';

const QUERY = /^SELECT (?<fields>.+?) FROM (?<type>\w+)(?: WHERE (?<where>.+?))?(?: ORDER BY (?<order>.+?))?(?: LIMIT (?<limit>\d+))?$/i;
const CONDITION = /^(?<field>\w+) ?(?:(?<sign>>=|<=|=|>|<) ?(?<value>.+)|IN ?\((?<list>.*)\))$/i;

/** As much of SOQL as a connector may need: conditions joined by AND, IN lists, FIELDS(STANDARD), an order; what it does not know it refuses as the API does. */
export function runQuery(records: Records, soql: string, { isAll = false } = {}): readonly unknown[] {
  const { fields = '', type: name = '', where, order, limit } = QUERY.exec(soql.trim())?.groups ?? {};
  const type = records.typeOf(name);
  if (fields === '' || type === undefined)
    throw new Refused(400, type === undefined && name !== '' ? 'INVALID_TYPE' : 'MALFORMED_QUERY', `unexpected token: ${soql.slice(0, 40)}`);
  const columns = fields.split(',').flatMap((field) => columnsOf(field.trim(), type.fields));
  const twin = columns.find((column, index) => columns.indexOf(column) !== index);
  if (twin !== undefined) throw new Refused(400, 'INVALID_FIELD', `duplicate field selected: ${twin}`);
  const conditions = (where === undefined ? [] : where.split(/ AND /i)).map((text) => condition(text.trim(), type.fields));
  const recycled = isAll ? records.recycled.filter((record) => record['type'] === name) : [];
  const found = [...records.all(name).values(), ...recycled].filter((record) => conditions.every((holds) => holds(record)));
  const by = (order ?? 'Id').split(',').map((field) => field.trim().split(' ')[0] ?? 'Id');
  const ordered = found.toSorted((one, other) => compare(by, one, other)).slice(0, limit === undefined ? undefined : Number(limit));
  return ordered.map((record) => ({
    attributes: { type: name, url: `/services/data/v66.0/sobjects/${name}/${record['Id']}` },
    ...Object.fromEntries(columns.map((column) => [column, record[column] ?? null])),
  }));
}

function columnsOf(field: string, known: readonly string[]): readonly string[] {
  if (/^FIELDS\(STANDARD\)$/i.test(field)) return known.filter((name) => !/__p?c$/.test(name));
  if (known.includes(field)) return [field];
  throw new Refused(400, 'INVALID_FIELD', `No such column '${field}' on entity`);
}

function condition(text: string, known: readonly string[]): (record: Fields) => boolean {
  const { field = '', sign, value = '', list } = CONDITION.exec(text)?.groups ?? {};
  if (!known.includes(field)) throw new Refused(400, 'MALFORMED_QUERY', `unexpected token: ${text.slice(0, 40)}`);
  if (list !== undefined) {
    const wanted = new Set([...list.matchAll(/'((?:[^'\\]|\\.)*)'/g)].map(([, one = '']) => unescaped(one).toLowerCase()));
    return (record) => wanted.has(String(record[field] ?? '').toLowerCase());
  }
  // Dates and booleans stand without quotes; texts in them, compared without regard to case.
  const literal = value.startsWith("'") ? unescaped(value.slice(1, -1)).toLowerCase() : value;
  return (record) => {
    const order = compareValues(String(record[field] ?? '').toLowerCase(), literal.toLowerCase());
    return sign === '=' ? order === 0 : sign === '>=' ? order >= 0 : sign === '<=' ? order <= 0 : sign === '>' ? order > 0 : order < 0;
  };
}

function unescaped(text: string): string {
  return text.replace(/\\(.)/g, '$1');
}

function compare(by: readonly string[], one: Fields, other: Fields): number {
  for (const field of by) {
    const order = compareValues(String(one[field] ?? ''), String(other[field] ?? ''));
    if (order !== 0) return order;
  }
  return 0;
}

function compareValues(one: string, other: string): number {
  const [first, second] = [Date.parse(one), Date.parse(other)];
  if (/^\d{4}-/.test(one) && /^\d{4}-/.test(other) && !Number.isNaN(first - second)) return first - second;
  return one < other ? -1 : one > other ? 1 : 0;
}
