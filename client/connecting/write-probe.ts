import { randomUUID } from 'node:crypto';
import type { Finding } from '../../connectors/draft/probe/findings.ts';
import { objectNamed } from '../../definition/any-object.ts';
import type { ResolvedConnection } from '../../definition/resolved.ts';
import { accountScope } from '../../engine/ids.ts';
import { isJsonObject, type JsonObject } from '../../engine/json.ts';
import type { Cli } from '../cli.ts';
import { CliError } from '../cli-error.ts';
import { EXIT } from '../exit-codes.ts';

const OF_PRODUCTION = /^(?:prod|live)/i;

/**
 * Sends a good and a bad record to an account, when the person agrees, and deletes what came of them.
 * @param given the good record; absent: one like the first that is there
 * @returns undefined where the person said no
 * @throws CliError on a profile of production, and where what is made could not be deleted
 */
export async function writeProbe(
  cli: Cli,
  connection: ResolvedConnection,
  name: string,
  given: JsonObject | undefined,
): Promise<readonly Finding[] | undefined> {
  const project = await cli.session.project();
  const object = objectNamed(connection.objects, name);
  if (OF_PRODUCTION.test(project.profile))
    throw usage(`The profile ${project.profile} is production: --write tries accounts that may be written to, by --profile.`);
  // Loaded here: other commands need none of it.
  const { probeWrite, whyNoWrite } = await import('../../connectors/draft/probe/probe-write.ts');
  const { sampleRecord } = await import('../../connectors/draft/probe/sample-record.ts');
  const why = object === undefined ? 'it is not there' : whyNoWrite(object);
  if (object === undefined || why !== undefined) throw usage(`${connection.name}.${name} is not written to: ${why ?? ''}.`);
  if (!(await cli.allowChange(`Create a good and a bad record in ${name} of ${connection.name} on ${project.profile}, and delete them?`))) return undefined;
  const mark = randomUUID().slice(0, 8);
  const opened = (await cli.session.connections()).open(accountScope(project.name, project.profile, connection.name), connection);
  const signal = cli.interrupted();
  const [like] = given === undefined ? (await opened.source(name).readPage({ window: {}, cursor: undefined, signal })).records : [];
  const record = given ?? (like === undefined ? undefined : sampleRecord(like.fields, object.primaryKey, mark));
  if (record === undefined) throw usage('There is no record to make one like it: pass one with --record \'{"name": "…"}\'.');
  try {
    return await probeWrite({ connection: opened, name, object, record, mark, signal });
  } finally {
    await cli.audit.record('connector.probed', { details: { connection: connection.name, object: name } });
  }
}

/** A record as a person types it. @throws CliError */
export function readRecordOption(text: string | undefined): JsonObject | undefined {
  if (text === undefined) return undefined;
  try {
    const record: unknown = JSON.parse(text);
    if (isJsonObject(record)) return record;
  } catch {
    // Told below.
  }
  throw usage('--record: expected a JSON object such as \'{"name": "…"}\'.');
}

function usage(message: string): CliError {
  return new CliError({ exitCode: EXIT.usage, code: 'USAGE', message });
}
