import { SyncError } from '../../engine/errors.ts';
import type { Classification, HttpAnswer, HttpClient, HttpObserver, HttpRequest } from '../../http/http-client.ts';
import { brokenContract } from '../rest/broken-contract.ts';
import { refused } from '../rest/refused.ts';
import type { ModuleContext } from './object-module.ts';
import { classifyBy } from './told-classification.ts';

export interface ModuleAccount {
  readonly client: HttpClient;
  readonly connection: string;
  readonly object: string;
  readonly observer: HttpObserver;
}

type Sending = Pick<HttpRequest, 'repeat' | 'permit' | 'checkBeforeDispatch' | 'signal'>;

/** Gives code the account's client, for reads or for the one request of a write. @param where names the object in errors @param onRefusal told what was refused, before it is thrown */
export function contextFor(
  { client, connection, object, observer }: ModuleAccount,
  where: string,
  sending: Sending,
  onRefusal?: (answer: HttpAnswer, classification: Classification) => void,
): ModuleContext {
  return {
    object,
    request: async ({ method, path, query, headers, body, as, csv, encoding, unzip, classify }) => {
      const said = { ...(query === undefined ? {} : { query }), ...(headers === undefined ? {} : { headers }), ...(body === undefined ? {} : { body }) };
      const read = { as, csv, encoding, unzip, ...(classify === undefined ? {} : { classify: classifyBy(where, classify) }) };
      const asked = { method, path, ...said, ...read, ...sending, observer };
      const { answer, classification } = await client.send(asked);
      if (classification.class === 'success') return answer;
      onRefusal?.(answer, classification);
      throw refused(connection, where, answer, classification);
    },
  };
}

/** Runs code. What it throws that is none of ours is a mistake of its own. */
export async function guarded<Result>(where: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof SyncError) throw error;
    throw brokenContract(`${where}: its code failed: ${error instanceof Error ? error.message : String(error)}.`, error);
  }
}
