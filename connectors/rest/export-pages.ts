import { z } from 'zod';
import type { ConnectorObject, ExportRule } from '../../definition/schema/connector.ts';
import { parseDuration } from '../../engine/duration.ts';
import { SyncError } from '../../engine/errors.ts';
import { compileExpression } from '../../engine/expression.ts';
import type { Json } from '../../engine/json.ts';
import type { Page } from '../ports.ts';
import { brokenContract, evaluateOnAnswer, shapeOf } from './broken-contract.ts';
import { compileLook } from './job-look.ts';
import { keyText } from './record-reader.ts';
import { refused } from './refused.ts';
import { compileRequest } from './request-template.ts';
import type { RestSourceOptions } from './rest-source.ts';
import { compilePages, type PageRead, serverTimeOf } from './walk-pages.ts';

const DEFAULT_EVERY_MS = 5_000;

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
  const create = compileRequest(rule.create, `${where}.create`);
  const jobId = compileExpression(rule.create.id);
  const look = compileLook(client, connection, rule.poll, '', `${where}.poll`);
  const download = compilePages(options, rule.download, object, `${where}.download`);
  const everyMs = parseDuration(rule.poll.every) ?? DEFAULT_EVERY_MS;

  const make = async ({ window, slice, signal }: PageRead): Promise<Page> => {
    const { answer, classification } = await client.send({
      ...(await create.render({ window, slice }, { now: Date.now() })),
      repeat: 'read',
      signal,
      observer,
    });
    if (classification.class !== 'success') throw refused(connection, `${where}.create`, answer, classification);
    const job = keyText(await evaluateOnAnswer(jobId, answer.body, `${where}.create.id`));
    if (job === undefined) throw brokenContract(`${where}: the answer has no id of the export at "${rule.create.id}". It has: ${shapeOf(answer.body)}.`);
    const { sentAt: madeAt, bytes } = answer;
    return { records: [], next: asJson({ job, madeAt }), observedAt: madeAt, bytes, ...serverTimeOf(answer) };
  };

  const throwUnlessDone = async (job: string, signal: AbortSignal | undefined): Promise<void> => {
    const found = await look(job, { observer, signal });
    if (found.state === 'done') return;
    if (found.state === 'failed') throw expired(`${connection} gave the export ${where} up: ${found.message}.`);
    if (found.state === 'gone') throw expired(`${connection} does not know the export ${where} any more.`);
    throw new SyncError({
      code: 'JOB_RUNNING',
      retry: { afterMs: everyMs },
      message: `${connection} is making the export ${where}; it is asked how far it is.`,
    });
  };

  return async (read) => {
    if (read.cursor === undefined) return make(read);
    const place = placeOf(read.cursor);
    if (place.page === undefined) await throwUnlessDone(place.job, read.signal);
    const { validators: _, ...others } = read;
    const page = await download({ ...others, cursor: place.page, job: place.job }).catch((error: unknown) => {
      throw isGone(error) ? expired(`${connection} has no results of the export ${where} any more.`) : error;
    });
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

function isGone(error: unknown): boolean {
  return error instanceof SyncError && error.code === 'REQUEST_REJECTED' && (error.details['status'] === 404 || error.details['status'] === 410);
}

function expired(message: string): SyncError {
  return new SyncError({ code: 'CURSOR_EXPIRED', retry: 'backoff', message });
}
