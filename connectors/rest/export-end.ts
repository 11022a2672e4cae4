import type { ExportRule } from '../../definition/schema/connector.ts';
import { SyncError } from '../../engine/errors.ts';
import { refused } from './refused.ts';
import { compileRequest } from './request-template.ts';
import type { RestSourceOptions } from './rest-source.ts';

type End = (job: string, signal: AbortSignal | undefined) => Promise<void>;

/** What is said to an API of an export that is not wanted any more. A courtesy: a run goes on where it fails, and says so. */
export interface ExportEnd {
  /** It takes too long. */
  readonly abort: End;
  /** It was read to its end. */
  readonly remove: End;
}

export function compileExportEnd(options: RestSourceOptions, { abort, delete: remove }: ExportRule, where: string): ExportEnd {
  return { abort: compileEnd(options, abort, `${where}.abort`), remove: compileEnd(options, remove, `${where}.delete`) };
}

function compileEnd({ client, connection, observer, warn }: RestSourceOptions, rule: ExportRule['abort'], where: string): End {
  if (rule === undefined) return async () => undefined;
  const request = compileRequest(rule, where);
  return async (job, signal) => {
    try {
      const { answer, classification } = await client.send({ ...(await request.render({ job })), repeat: 'read', signal, observer });
      if (classification.class !== 'success' && classification.class !== 'not-found') throw refused(connection, where, answer, classification);
    } catch (error) {
      if (!(error instanceof SyncError)) throw error;
      warn(`${where}: an export that is not wanted any more could not be ended: ${error.message}`);
    }
  };
}
