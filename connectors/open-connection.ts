import { describedObjects, objectNamed } from '../definition/any-object.ts';
import { parentCircle } from '../definition/parents-of.ts';
import type { ResolvedConnection } from '../definition/resolved.ts';
import type { ConnectorObject } from '../definition/schema/connector.ts';
import { SyncError } from '../engine/errors.ts';
import { ExpressionError } from '../engine/expression-error.ts';
import { CHANGE_KINDS } from '../engine/outcome.ts';
import type { HttpClient } from '../http/http-client.ts';
import { loadObjectModule } from './module/load-object-module.ts';
import { openModuleSource } from './module/module-source.ts';
import { openModuleTarget } from './module/module-target.ts';
import type { OpenConnection } from './ports.ts';
import { rememberFieldNames } from './rest/field-names.ts';
import { observe, warnOnce } from './rest/observe.ts';
import { refused } from './rest/refused.ts';
import { compileRequest } from './rest/request-template.ts';
import { openRestDiscovery } from './rest/rest-discovery.ts';
import { openRestSource } from './rest/rest-source.ts';
import { openRestTarget } from './rest/rest-target.ts';

/** What a probe without an endpoint of its own reads: little, where the list knows a window. */
const PROBED_MS = 60_000;

export interface OpenConnectionOptions {
  readonly onWarning: (message: string) => void;
  /** The project's folder. */
  readonly directory: string;
}

/** One account by its manifest, over a client that others may share. */
export function openConnection(client: HttpClient, connection: ResolvedConnection, { onWarning, directory }: OpenConnectionOptions): OpenConnection {
  const objectOf = (objectName: string): ConnectorObject => {
    const object = objectNamed(connection.objects, objectName);
    if (object === undefined) throw invalid(`Connection ${connection.name} has no object "${objectName}".`);
    return object;
  };

  const tellFieldNames = rememberFieldNames(client, connection.name);

  const parentOf = (objectName: string) => {
    const { list, ...parent } = objectOf(objectName);
    if (list === undefined) throw invalid(`${connection.name}.${objectName} are the parents of other records, and have no "list".`);
    return { ...parent, list };
  };

  const source: OpenConnection['source'] = (objectName, observer) => {
    const object = objectOf(objectName);
    const { list, module } = object;
    const where = `${connection.name}.${objectName}`;
    if (module?.offers.includes('list') === true) {
      const account = { client, connection: connection.name, object: objectName, observer: observe(connection.name, observer) };
      return openModuleSource(account, loadObjectModule(directory, module, where), object, where);
    }
    if (list === undefined) throw invalid(`${connection.name}.${objectName} cannot be read: its connector has no "list".`);
    const circle = parentCircle(connection.objects, objectName);
    if (circle !== undefined) throw invalid(`${where} can never be read: ${circle} are their own parents.`);
    const told = { observer: observe(connection.name, observer), warn: warnOnce(connection.name, observer, onWarning) };
    return compiled(connection, objectName, () =>
      openRestSource({ client, connection: connection.name, objectName, object: { ...object, list }, parentOf, tellFieldNames, ...told }),
    );
  };

  const target: OpenConnection['target'] = (objectName, matchOn, observer, wanted = []) => {
    const object = objectOf(objectName);
    const { module } = object;
    if (module !== undefined && CHANGE_KINDS.some((kind) => module.offers.includes(kind))) {
      const loaded = loadObjectModule(directory, module, `${connection.name}.${objectName}`);
      return openModuleTarget({ client, connection, objectName, object, matchOn, wanted, tellFieldNames, observer, module: loaded });
    }
    if (!CHANGE_KINDS.some((kind) => object[kind] !== undefined)) {
      throw invalid(`${connection.name}.${objectName} cannot be written: its connector has none of ${CHANGE_KINDS.join(', ')}.`);
    }
    const warn = warnOnce(connection.name, observer, onWarning);
    return compiled(connection, objectName, () => openRestTarget({ client, connection, objectName, object, matchOn, wanted, tellFieldNames, observer, warn }));
  };

  const probe: OpenConnection['probe'] = async (signal) => {
    if (connection.probe === undefined) return probeList(connection, source, signal);
    const where = `${connection.name}.probe`;
    const request = compiled(connection, 'probe', () => compileRequest(connection.probe ?? {}, where));
    const { answer, classification } = await client.send({ ...(await request.render({})), repeat: 'read', signal });
    if (classification.class !== 'success') throw refused(connection.name, where, answer, classification);
  };

  const discover = openRestDiscovery({ client, connection, directory, objectOf, source });
  return { address: connection.baseUrl, source, target, probe, discover };
}

/** Without an endpoint for it, the first list tells. */
async function probeList(connection: ResolvedConnection, source: OpenConnection['source'], signal: AbortSignal | undefined): Promise<void> {
  const listed = Object.entries(describedObjects(connection.objects)).find(([, object]) => object.list !== undefined);
  if (listed === undefined) return;
  const window = { from: new Date(Date.now() - PROBED_MS).toISOString(), to: new Date().toISOString() };
  await source(listed[0]).readPage({ window, cursor: undefined, ...(signal === undefined ? {} : { signal }) });
}

/** `check` finds such mistakes where they are written; a definition from elsewhere still fails with a sentence. */
function compiled<Result>(connection: ResolvedConnection, objectName: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (error instanceof ExpressionError) throw invalid(`${connection.name}.${objectName}: "${error.source}" is no expression: ${error.message}.`, error);
    throw error;
  }
}

function invalid(message: string, cause?: unknown): SyncError {
  return new SyncError({ code: 'DEFINITION_INVALID', retry: 'never', message, cause });
}
