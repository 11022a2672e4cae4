import type { ConnectorObject } from '../../../definition/schema/connector.ts';
import { SyncError } from '../../../engine/errors.ts';
import type { JsonObject } from '../../../engine/json.ts';
import type { OpenConnection, Source, Target, WriteResult } from '../../ports.ts';
import { keyText } from '../../rest/record-reader.ts';
import type { Finding } from './findings.ts';
import { brokenRecord } from './sample-record.ts';

export interface ProbedWrite {
  readonly connection: OpenConnection;
  readonly name: string;
  readonly object: ConnectorObject;
  readonly record: JsonObject;
  /** Names the requests. */
  readonly mark: string;
  readonly signal?: AbortSignal;
}

/** Why records should not be written there to try it; undefined where they may. */
export function whyNoWrite(object: ConnectorObject): string | undefined {
  if (object.create === undefined && object.upsert === undefined) return 'it has neither "create" nor "upsert"';
  return object.delete === undefined ? 'it has no "delete": what was made could not be taken away again' : undefined;
}

/** Sends a good and a bad record, and deletes what came of them. Tells all that happened; throws for what the world does before the first was sent. */
export async function probeWrite(probed: ProbedWrite): Promise<readonly Finding[]> {
  const { connection, name, object, record } = probed;
  const kind = object.create === undefined ? 'upsert' : 'create';
  const matchOn = object.unique?.[0] ?? object.primaryKey;
  const target = connection.target(name, matchOn);
  const made: string[] = [];
  const write = async (fields: JsonObject, what: string): Promise<WriteResult | undefined> => {
    const result = await sendOne(target, kind, { fields, match: keyText(fields[matchOn]) ?? probed.mark }, `${probed.mark}-${what}`, probed.signal);
    if (result?.outcome === 'written' && result.targetId !== undefined) made.push(result.targetId);
    return result;
  };
  const good = sayGood(await write(record, 'good'));
  const bad = sayBad(await write(brokenRecord(record), 'bad'));
  return [good, bad, ...(await cleanUp(target, object.get === undefined ? undefined : connection.source(name), made, probed))];
}

/** Undefined where nobody knows what became of it. */
async function sendOne(
  target: Target,
  kind: 'create' | 'upsert' | 'delete',
  record: { readonly fields: JsonObject; readonly match: string; readonly targetId?: string },
  id: string,
  signal: AbortSignal | undefined,
): Promise<WriteResult | undefined> {
  const permit = await target.acquirePermit(signal);
  try {
    const answer = await target.send({ id, kind, records: [record], permit, checkBeforeDispatch: async () => undefined });
    if (answer.answer === 'refused') return { outcome: 'rejected', rejection: answer.rejection };
    return answer.answer === 'results' ? answer.results[0] : { outcome: 'rejected', rejection: { reason: 'too-large', message: 'too large', retry: 'never' } };
  } catch (error) {
    if (error instanceof SyncError && error.code === 'WRITE_OUTCOME_UNKNOWN') return undefined;
    throw error;
  } finally {
    permit.release();
  }
}

function sayGood(result: WriteResult | undefined): Finding {
  const finding = (isGood: boolean, said: string): Finding => ({ subject: 'good record', isGood, said });
  if (result?.outcome === 'rejected') return finding(false, `is refused: ${result.rejection.message}. Pass one that is good with --record`);
  if (result?.outcome !== 'written')
    return finding(false, 'is answered in a way that does not say what became of it: look for it there, and describe `results`');
  if (result.targetId === undefined) return finding(false, 'is written, but no answer tells its id: look for it there, and describe `results.id`');
  return finding(true, 'is written, and the answer tells its id');
}

function sayBad(result: WriteResult | undefined): Finding {
  const finding = (isGood: boolean, said: string): Finding => ({ subject: 'bad record', isGood, said });
  if (result?.outcome === 'written')
    return finding(false, 'is taken like a good one: the API checks nothing, or says so elsewhere in its answer (`errors`, `results.error`)');
  if (result?.outcome !== 'rejected') return finding(false, 'is answered in a way that does not say what became of it: give that answer a rule in `errors`');
  const { message, apiCode } = result.rejection;
  if (/^status \d+$/.test(message)) return finding(false, `is refused (${message}), but where its message stands is not known: give it a rule in \`errors\``);
  return finding(true, `is refused: ${message}${apiCode === undefined ? '' : ` (${apiCode})`}`);
}

async function cleanUp(target: Target, source: Source | undefined, made: readonly string[], { mark, signal }: ProbedWrite): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const [index, id] of made.entries()) {
    const finding = (isGood: boolean, said: string) => findings.push({ subject: 'cleaning up', isGood, said });
    try {
      const result = await sendOne(target, 'delete', { fields: {}, match: id, targetId: id }, `${mark}-delete-${index}`, signal);
      const isLeft = result?.outcome !== 'written' || (await source?.readOne?.(id, signal)) !== undefined;
      if (isLeft) finding(false, `record ${id} may be left: delete it there`);
      else finding(true, source?.readOne === undefined ? `record ${id} was deleted` : `record ${id} was deleted, and is not found any more`);
    } catch (error) {
      finding(false, `record ${id} is left: delete it there. ${error instanceof SyncError ? error.message : 'It could not be deleted.'}`);
    }
  }
  return findings;
}
