import { checkExpression, checkTemplate, type KnownNames, type Page } from './check-expression.ts';
import { checkJobRequest } from './check-job.ts';
import { checkPositive } from './check-limits.ts';
import { checkPaging } from './check-paging.ts';
import type { Mistake } from './mistake.ts';
import type { ConnectorObject, WriteEndpoint } from './schema/connector.ts';
import type { Path } from './yaml-file.ts';

type Bulk = NonNullable<WriteEndpoint['bulk']>;
type Export = NonNullable<NonNullable<ConnectorObject['list']>['export']>;

const OF_JOB = ['job', 'matchOn'];
const OF_RESULTS = [...OF_JOB, 'poll'];
const OF_UPLOAD = [...OF_JOB, 'created', 'columns'];
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
    ...checkJobRequest(page, [...at, 'create'], bulk.create, ofCreate),
    ...checkTold(page, [...at, 'create'], bulk.create),
    ...checkJobRequest(page, [...at, 'upload'], bulk.upload ?? {}, OF_UPLOAD),
    ...checkJobRequest(page, [...at, 'close'], bulk.close ?? {}, OF_JOB),
    ...checkTold(page, [...at, 'close'], bulk.close ?? {}),
    ...checkJobRequest(page, [...at, 'abort'], bulk.abort ?? {}, OF_JOB),
  ];
  const mayRepeat = write.repeatable ?? path.at(-1) !== 'create';
  if (bulk.close?.id !== undefined && !mayRepeat)
    mistakes.push(
      page.file.mistake([...at, 'close', 'id'], 'a job that is begun under a new id may be begun twice: only a write that may be repeated goes by it'),
    );
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

function checkTold(page: Page, path: Path, told: { readonly [key in (typeof TOLD)[number]]?: string | undefined }): Mistake[] {
  return TOLD.flatMap((key) => checkExpression(page, [...path, key], told[key]));
}
const TOLD = ['id', 'error', 'busy'] as const;

function checkPoll(page: Page, path: Path, poll: Bulk['poll']): Mistake[] {
  const mistakes = checkJobRequest(page, path, poll, OF_JOB);
  for (const key of ['state', 'error'] as const) mistakes.push(...checkExpression(page, [...path, key], poll[key]));
  return mistakes;
}

function checkResults(page: Page, path: Path, results: Bulk['results'][number]): Mistake[] {
  const mistakes = checkJobRequest(page, path, results, OF_RESULTS);
  for (const key of RESULT_EXPRESSIONS) mistakes.push(...checkExpression(page, [...path, key], results[key]));
  mistakes.push(...checkPaging(page, [...path, 'page'], results.page));
  if (results.by !== 'match' && results.key === undefined)
    mistakes.push(page.file.mistake([...path, 'by'], `name in \`key\` where a result has its ${results.by}`));
  if (results.outcome === 'told' && results.error === undefined && results.status === undefined)
    mistakes.push(page.file.mistake(path, 'say by `outcome` what all of these are, or by `error` or `status` which of them were refused'));
  return mistakes;
}

/** Requests and expressions of an export. @param names what a list's templates may insert */
export function checkExport(page: Page, path: Path, { create, poll, download, abort, delete: remove }: Export, names: KnownNames): Mistake[] {
  return [
    ...checkJobRequest(page, [...path, 'create'], create, names),
    ...checkTold(page, [...path, 'create'], create),
    ...checkPoll(page, [...path, 'poll'], poll),
    ...checkPositive(page.file, [...path, 'giveUpAfter']),
    ...checkJobRequest(page, [...path, 'abort'], abort ?? {}, ['job']),
    ...checkJobRequest(page, [...path, 'delete'], remove ?? {}, ['job']),
    ...checkJobRequest(page, [...path, 'download'], download, ['job', 'cursor', 'poll']),
    ...checkExpression(page, [...path, 'download', 'children', 'parent'], download.children?.parent),
    ...checkExpression(page, [...path, 'download', 'children', 'into'], download.children?.into),
    ...checkExpression(page, [...path, 'download', 'records'], download.records),
  ];
}
