import { z } from 'zod';
import type { ConnectorObject, ExportRule } from '../../definition/schema/connector.ts';
import { parseDuration } from '../../engine/duration.ts';
import { SyncError } from '../../engine/errors.ts';
import type { Json } from '../../engine/json.ts';
import type { Page } from '../ports.ts';
import { brokenContract, shapeOf } from './broken-contract.ts';
import { compileExportEnd } from './export-end.ts';
import { compileExportFile } from './export-file.ts';
import { compileId } from './job-create.ts';
import { compilePoll } from './job-look.ts';
import { compileJobTold } from './job-request.ts';
import { busy } from './job-writer.ts';
import { withoutBodies } from './observe.ts';
import { refused } from './refused.ts';
import { compileRequest } from './request-template.ts';
import type { RestSourceOptions } from './rest-source.ts';
import { compilePages, type PageRead, serverTimeOf } from './walk-pages.ts';

const DEFAULT_EVERY_MS = 5_000;
const DEFAULT_PATIENCE_MS = 86_400_000;

/** The job of an export, and where its download is. */
const placeSchema = z.strictObject({ job: z.string(), madeAt: z.number(), page: z.json().optional() });
interface Place {
  readonly job: string;
  readonly madeAt: number;
  readonly page?: Json | undefined;
}

/**
 * Reads an object by an export of its API. The first page has no records: the cursor after it names the job, so that who goes on asks for that one. While it is not done, reading throws
 * JOB_RUNNING; where the API has lost it, CURSOR_EXPIRED, and another is asked for.
 */
export function compileExport(
  options: RestSourceOptions,
  rule: ExportRule,
  object: Pick<ConnectorObject, 'primaryKey' | 'values'>,
  where: string,
): (read: PageRead) => Promise<Page> {
  const { client, connection, observer } = options;
  // An answer that has a signed link is nobody's to look at.
  const told = rule.download.hosts === undefined ? observer : withoutBodies(observer);
  const create = compileRequest(rule.create, `${where}.create`);
  const readTold = compileJobTold(rule.create, `${where}.create`);
  const readJob = compileId(rule.create.id);
  const poll = compilePoll(client, connection, rule.poll, '', `${where}.poll`);
  const { page, as, unzip, encoding = 'utf-8' } = rule.download;
  // Of JSON, of an archive and of an odd encoding the answer is parsed whole.
  const isFile = page.type === 'none' && as !== 'json' && unzip === undefined && /^utf-?8$/i.test(encoding);
  const download = isFile
    ? compileExportFile(options, rule.download, object, poll.ask, `${where}.download`)
    : compilePages(options, rule.download, object, `${where}.download`);
  const insertsPoll = !isFile && /\bpoll\b/.test(JSON.stringify(rule.download));
  const everyMs = parseDuration(rule.poll.every) ?? DEFAULT_EVERY_MS;
  const patienceMs = parseDuration(rule.giveUpAfter) ?? DEFAULT_PATIENCE_MS;
  const ending = compileExportEnd(options, rule, where);

  const make = async ({ window, slice, signal }: PageRead): Promise<Page> => {
    const { answer, classification } = await client.send({
      ...(await create.render({ window, slice }, { now: Date.now() })),
      repeat: 'read',
      signal,
      observer,
    });
    if (classification.class !== 'success') throw refused(connection, `${where}.create`, answer, classification);
    const { refusal, isBusy } = await readTold(answer);
    if (isBusy) throw busy(connection, `the export ${where}`, everyMs);
    if (refusal !== undefined) throw refusedExport(`${connection} refused ${where}.create: ${refusal}`);
    const job = await readJob(answer.body);
    if (job === undefined) throw brokenContract(`${where}: the answer has no id of the export at "${rule.create.id}". It has: ${shapeOf(answer.body)}.`);
    const { sentAt: madeAt, bytes } = answer;
    return { records: [], next: asJson({ job, madeAt }), observedAt: madeAt, bytes, ...serverTimeOf(answer) };
  };

  const throwUnlessDone = async ({ job, madeAt }: Place, signal: AbortSignal | undefined): Promise<void> => {
    const found = await poll.look(job, { observer: told, signal });
    if (found.state === 'done') return;
    if (found.state === 'failed') throw expired(`${connection} gave the export ${where} up: ${found.message}.`);
    if (found.state === 'gone') throw expired(`${connection} does not know the export ${where} any more.`);
    if (Date.now() - madeAt > patienceMs) {
      await ending.abort(job, signal);
      throw expired(`${connection} has not made the export ${where} within ${rule.giveUpAfter}: it is given up.`);
    }
    throw new SyncError({
      code: 'JOB_RUNNING',
      retry: { afterMs: everyMs },
      message: `${connection} is making the export ${where}; it is asked how far it is.`,
    });
  };

  const downloadPage = async (read: PageRead, { job, madeAt, page: cursor }: Place): Promise<Page> => {
    const last = insertsPoll ? { poll: await poll.ask(job, { observer: told, signal: read.signal }) } : {};
    return download({ ...read, cursor, job, madeAt, ...last });
  };

  return async (read) => {
    if (read.cursor === undefined) return make(read);
    const place = placeOf(read.cursor);
    if (place.page === undefined) await throwUnlessDone(place, read.signal);
    const { validators: _, ...others } = read;
    const page = await downloadPage(others, place).catch((error: unknown) => {
      throw isGone(error) ? expired(`${connection} has no results of the export ${where} any more.`) : error;
    });
    if (page.next === undefined) await ending.remove(place.job, read.signal);
    // What was exported is as old as the export.
    return { ...page, observedAt: place.madeAt, next: page.next === undefined ? undefined : asJson({ ...place, page: page.next }) };
  };
}

function placeOf(cursor: Json): Place {
  const place = placeSchema.safeParse(cursor);
  if (place.success) return place.data;
  throw expired('The saved place in the list is not of an export, as its connector uses now: another export is asked for.');
}

function asJson({ job, madeAt, page }: Place): Json {
  return { job, madeAt, ...(page === undefined ? {} : { page }) };
}

/** Of a signed link, 401 and 403 say that it is no longer good; an account that is refused is told as such. */
const GONE = new Set([401, 403, 404, 410]);

function isGone(error: unknown): boolean {
  return error instanceof SyncError && error.code === 'REQUEST_REJECTED' && GONE.has(Number(error.details['status']));
}

function refusedExport(message: string): SyncError {
  return new SyncError({ code: 'REQUEST_REJECTED', retry: 'never', message: `${message}. Check the endpoint in the connector.` });
}

function expired(message: string): SyncError {
  return new SyncError({ code: 'CURSOR_EXPIRED', retry: 'backoff', message });
}
