import { compilePathTemplate, compileTemplate } from '../engine/template.ts';
import { checkBulk, checkExport } from './check-bulk.ts';
import { checkEach } from './check-each.ts';
import { checkExpression, checkTemplate, type KnownNames, type Page } from './check-expression.ts';
import { checkGraphql } from './check-graphql.ts';
import { checkPageBody, checkPaging } from './check-paging.ts';
import { checkChanges, checkFieldParts } from './check-parts.ts';
import { checkRequest, METHODS } from './check-request.ts';
import { listInsertions } from './list-insertions.ts';
import type { Mistake } from './mistake.ts';
import type { ConnectorObject } from './schema/connector.ts';
import type { Path } from './yaml-file.ts';

export const ENDPOINTS = ['list', 'changes', 'deleted', 'get', 'search', 'create', 'update', 'upsert', 'delete'] as const;
export type EndpointName = (typeof ENDPOINTS)[number];
export type Endpoint = NonNullable<ConnectorObject[EndpointName]>;

const OF_RECORD = ['fields', 'id', 'match', 'matchOn', 'ref', 'etag'];
const OF_WRITE = [...OF_RECORD, 'records', 'record', 'batch.id'];

const OF_LIST = ['window.from', 'window.to', 'slice.from', 'slice.to', 'slice.value', 'cursor', 'fieldNames'];

/** What the templates of each endpoint's request may insert. */
const NAMES: Readonly<Record<EndpointName, KnownNames>> = {
  list: OF_LIST,
  changes: OF_LIST,
  deleted: ['window.from', 'cursor'],
  get: ['id', 'fieldNames'],
  search: ['keys', 'key', 'matchOn', 'wanted', 'cursor', 'fieldNames'],
  create: OF_WRITE,
  update: OF_WRITE,
  upsert: OF_WRITE,
  delete: OF_WRITE,
};

const OF_COMPOSITE: KnownNames = [...OF_WRITE, 'requests'];
const OF_EACH: KnownNames = [...OF_RECORD, 'record', 'batch.id'];
const OF_CHILDREN = ['parent', 'parents', 'parentObject'];

function namesOf(name: EndpointName, endpoint: Endpoint): KnownNames {
  if ('each' in endpoint && endpoint.each !== undefined) return OF_COMPOSITE;
  const ofParents = 'parents' in endpoint && endpoint.parents !== undefined ? OF_CHILDREN : [];
  return [...(NAMES[name] ?? []), ...ofParents];
}

/** Path, query, headers, body and the reading of answers of one endpoint; and batches of which nobody could tell what became of them. */
export function checkEndpoint(page: Page, path: Path, name: EndpointName, endpoint: Endpoint): Mistake[] {
  const names = namesOf(name, endpoint);
  const mistakes = [...checkRequest(page, path, endpoint, names), ...checkGraphql(page, path, endpoint)];
  const ofVariables = names?.filter((known) => known !== 'records');
  mistakes.push(...checkTemplate(page, [...path, 'variables'], endpoint.variables, ofVariables));
  if ('records' in endpoint) mistakes.push(...checkExpression(page, [...path, 'records'], endpoint.records));
  if ('etag' in endpoint) mistakes.push(...checkExpression(page, [...path, 'etag'], endpoint.etag));
  if ('key' in endpoint) mistakes.push(...checkExpression(page, [...path, 'key'], endpoint.key));
  if ('cap' in endpoint) mistakes.push(...checkCap(page, [...path, 'cap'], endpoint));
  if ('fieldNames' in endpoint) mistakes.push(...checkFieldParts(page, path, endpoint));
  if (name === 'changes') mistakes.push(...checkChanges(page, path, endpoint));
  if ('until' in endpoint) mistakes.push(...checkExpression(page, [...path, 'until'], endpoint.until));
  if ('page' in endpoint) mistakes.push(...checkPaging(page, [...path, 'page'], endpoint.page), ...checkPageBody(page, path, endpoint));
  if ('export' in endpoint && endpoint.export !== undefined) {
    mistakes.push(...checkExport(page, [...path, 'export'], endpoint.export, names));
    mistakes.push(...checkPaging(page, [...path, 'export', 'download', 'page'], endpoint.export.download.page));
  }
  if ('max' in endpoint && 'applyDelay' in endpoint) mistakes.push(...checkWrite(page, path, endpoint), ...checkBulk(page, path, endpoint, OF_WRITE));
  if (name === 'get' && 'record' in endpoint && typeof endpoint.record === 'string')
    mistakes.push(...checkExpression(page, [...path, 'record'], endpoint.record));
  return mistakes;
}

/** A new search from the same place would show the same records. */
function checkCap(page: Page, path: Path, list: NonNullable<ConnectorObject['list']>): Mistake[] {
  if (list.cap === undefined) return [];
  const mistakes = checkExpression(page, [...path, 'by'], list.cap.by);
  if (listInsertions(list)?.has('window.from') !== false) return mistakes;
  return [...mistakes, page.file.mistake(path, 'a new search begins at window.from, which no template of the list inserts', { at: 'key' })];
}

function checkWrite(page: Page, path: Path, write: NonNullable<ConnectorObject['upsert']>): Mistake[] {
  const mistakes = [...checkTemplate(page, [...path, 'record'], write.record, OF_RECORD), ...checkEach(page, path, write, OF_EACH)];
  for (const part of ['results', 'failures'] as const) {
    for (const [key, value] of Object.entries(write[part] ?? {})) if (key !== 'by') mistakes.push(...checkExpression(page, [...path, part, key], value));
  }
  if (write.max === 1 || write.graphql !== undefined || mistakes.length > 0) return mistakes;
  if (write.results === undefined) {
    mistakes.push(page.file.mistake([...path, 'max'], 'a batch needs `results`: without it nobody could tell which records were written'));
  }
  const inserted = write.each === undefined ? 'records' : 'requests';
  if (!inserts(write, inserted)) {
    mistakes.push(page.file.mistake([...path, 'max'], `a batch of ${write.max} needs {${inserted}} in its body: only the first record would be sent`));
  }
  return mistakes;
}

/** Deletes of several records may name them in the path or the query. */
function inserts(write: NonNullable<ConnectorObject['upsert']>, name: 'records' | 'requests'): boolean {
  try {
    const values = Object.values(write.query ?? {}).map((given) => (typeof given === 'object' ? given.value : given));
    const templates = [
      compileTemplate(write.body ?? ''),
      ...values.map((value) => compileTemplate(value)),
      ...METHODS.flatMap((method) => write[method] ?? []).map(compilePathTemplate),
    ];
    return templates.some(({ expressions }) => expressions.some(({ paths }) => paths.some((path) => path === name || path.startsWith(`${name}.`))));
  } catch {
    return true; // told as a mistake of its own
  }
}
