import { objectNamed } from '../../../definition/any-object.ts';
import { parentsOf } from '../../../definition/parents-of.ts';
import type { ResolvedConnection } from '../../../definition/resolved.ts';
import { SyncError } from '../../../engine/errors.ts';
import { openHttpClient } from '../../../http/open-http-client.ts';
import { type ConnectionsOptions, transportOf } from '../../open-connections.ts';
import type { ProbeReport, Proposal } from './findings.ts';
import { type Ask, probeList } from './probe-list.ts';

export interface Probe {
  /** Reads a page or two of an object, and says what its definition lacks. @throws SyncError where there is no such object, or its first page cannot be had */
  list(object: string, signal?: AbortSignal): Promise<ProbeReport>;
  close(): Promise<void>;
}

/** Opens an account to be looked at: a client of its own, to which every answer is an answer. @throws SyncError SECRET_MISSING; DEFINITION_INVALID where it speaks no HTTP */
export function openProbe(account: string, connection: ResolvedConnection, options: ConnectionsOptions): Probe {
  const { name } = connection;
  if (connection.kind !== undefined) throw invalid(`${name} is no REST API: there is nothing to probe. "syncline check --live" tries it.`);
  const { errors: _, ...transport } = transportOf(connection, options);
  const tokens = options.tokens === undefined ? {} : { tokens: options.tokens };
  const client = openHttpClient({ ...transport, account, ...tokens, classify: async () => ({ class: 'success' }) });
  return {
    list: async (objectName, signal) => {
      const object = objectNamed(connection.objects, objectName);
      if (object?.list === undefined) throw invalid(`${name} has no object "${objectName}" that can be listed.`);
      if (object.list.graphql !== undefined) throw invalid(`${name}.${objectName} is asked by GraphQL, whose schema tells: see "syncline discover ${name}".`);
      if (object.list.export !== undefined)
        throw invalid(`${name}.${objectName} is read by export jobs: "syncline connector test ${connection.connector}" tries them.`);
      const [parents] = parentsOf(object.list);
      if (parents !== undefined)
        throw invalid(
          `${name}.${objectName} is a list for each of ${parents.object ?? 'some values'}: probe ${parents.object === undefined ? 'another object' : 'those'}.`,
        );
      const ask: Ask = async (request) => (await client.send({ ...request, repeat: 'read', signal })).answer;
      const { findings, proposals } = await probeList(ask, { connection: name, name: objectName, object: { ...object, list: object.list } });
      return { findings, proposals: proposals.filter((proposal) => !isDeclared(connection, proposal)) };
    },
    close: () => client.close(),
  };
}

/** What somebody declared goes before what answers say. */
function isDeclared({ limits, errors }: ResolvedConnection, { of, path: [key, part] }: Proposal): boolean {
  if (of === 'object') return false;
  return key === 'errors' ? errors.length > 0 : (part === 'headers' ? limits.headers : limits.requests) !== undefined;
}

function invalid(message: string): SyncError {
  return new SyncError({ code: 'DEFINITION_INVALID', retry: 'never', message });
}
