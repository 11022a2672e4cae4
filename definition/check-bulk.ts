import { checkExpression, checkTemplate, type KnownNames, type Page } from './check-expression.ts';
import { checkPaging } from './check-paging.ts';
import { checkRequest } from './check-request.ts';
import type { Mistake } from './mistake.ts';
import type { ConnectorObject, WriteEndpoint } from './schema/connector.ts';
import type { Path } from './yaml-file.ts';

type Bulk = NonNullable<WriteEndpoint['bulk']>;
type Export = NonNullable<NonNullable<ConnectorObject['list']>['export']>;

const OF_JOB: KnownNames = ['job', 'matchOn'];
const RESULT_EXPRESSIONS = ['at', 'key', 'id', 'created', 'error', 'errorCode', 'status'] as const;
const OF_RECORD = ['fields', 'id', 'match', 'matchOn', 'ref'];
const OF_RECORDS = ['records', 'record', 'fields', 'id', 'match', 'ref', 'etag'];
const OF_FILE = ['columns', 'matchOn', 'batch.id'];

/** Requests and expressions of a job that writes. @param names what a write's templates may insert */
export function checkBulk(page: Page, path: Path, write: WriteEndpoint, names: readonly string[]): Mistake[] {
  const { bulk } = write;
  if (bulk === undefined) return [];
  const at = [...path, 'bulk'];
  const ofCreate = bulk.create.file !== undefined ? OF_FILE : bulk.upload === undefined ? names : names.filter((name) => !OF_RECORDS.includes(name));
  const mistakes = [
    ...checkTemplate(page, [...at, 'record'], bulk.record, OF_RECORD),
    ...checkRequest(page, [...at, 'create'], bulk.create, ofCreate),
    ...checkExpression(page, [...at, 'create', 'id'], bulk.create.id),
  ];
  for (const step of ['upload', 'close', 'abort'] as const) mistakes.push(...checkRequest(page, [...at, step], bulk[step] ?? {}, OF_JOB));
  mistakes.push(...checkPoll(page, [...at, 'poll'], bulk.poll));
  for (const [index, results] of bulk.results.entries()) mistakes.push(...checkResults(page, [...at, 'results', index], results));
  mistakes.push(...checkUnlisted(page, [...at, 'unlisted'], bulk.unlisted));
  if (bulk.upload === undefined && bulk.create.file === undefined && mistakes.length === 0 && !JSON.stringify(bulk.create.body ?? '').includes('{records}'))
    mistakes.push(page.file.mistake([...at, 'create'], 'without `upload` the records go with `create`: insert {records} in its body'));
  if (write.max >= bulk.from && bulk.from > 1)
    mistakes.push(page.file.mistake([...at, 'from'], `a request holds ${write.max}: fewer records than that need no job`, { severity: 'warning' }));
  return mistakes;
}

function checkUnlisted(page: Page, path: Path, unlisted: Bulk['unlisted']): Mistake[] {
  if (unlisted === undefined) return [];
  return (['taken', 'written'] as const).flatMap((key) => checkExpression(page, [...path, key], unlisted[key]));
}

function checkPoll(page: Page, path: Path, poll: Bulk['poll']): Mistake[] {
  const mistakes = checkRequest(page, path, poll, OF_JOB);
  for (const key of ['state', 'error'] as const) mistakes.push(...checkExpression(page, [...path, key], poll[key]));
  return mistakes;
}

function checkResults(page: Page, path: Path, results: Bulk['results'][number]): Mistake[] {
  const mistakes = checkRequest(page, path, results, OF_JOB);
  for (const key of RESULT_EXPRESSIONS) mistakes.push(...checkExpression(page, [...path, key], results[key]));
  mistakes.push(...checkPaging(page, [...path, 'page'], results.page));
  if (results.by !== 'match' && results.key === undefined)
    mistakes.push(page.file.mistake([...path, 'by'], `name in \`key\` where a result has its ${results.by}`));
  if (results.outcome === 'told' && results.error === undefined && results.status === undefined)
    mistakes.push(page.file.mistake(path, 'say by `outcome` what all of these are, or by `error` or `status` which of them were refused'));
  return mistakes;
}

/** Requests and expressions of an export. @param names what a list's templates may insert */
export function checkExport(page: Page, path: Path, { create, poll, download }: Export, names: KnownNames): Mistake[] {
  return [
    ...checkRequest(page, [...path, 'create'], create, names),
    ...checkExpression(page, [...path, 'create', 'id'], create.id),
    ...checkPoll(page, [...path, 'poll'], poll),
    ...checkRequest(page, [...path, 'download'], download, ['job', 'cursor']),
    ...checkExpression(page, [...path, 'download', 'records'], download.records),
  ];
}
