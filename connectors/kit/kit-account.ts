import { resolvedConnectionSchema } from '../../definition/resolved.ts';
import type { Connector } from '../../definition/schema/connector.ts';
import type { Json } from '../../engine/json.ts';
import { openConnections } from '../open-connections.ts';
import type { OpenConnection } from '../ports.ts';
import type { AnswerRequest, MockVendor, VendorRequest } from './mock-vendor.ts';
import { fieldPaths, fieldsVendor } from './told-fields.ts';

/** What stands for every secret in the kit. */
export const KIT_SECRET = 'kit-secret';
/** Those that need no other request before the first. */
const DIRECT_AUTH = new Set(['none', 'bearer', 'api-key', 'basic']);
const TIMEOUTS = { connectMs: 2_000, headersMs: 10_000, bodyMs: 10_000, requestMs: 10_000 };

/** A connector under test with the vendor that answers it. */
export interface KitBench {
  readonly name: string;
  readonly connector: Connector;
  readonly vendor: MockVendor;
  /** The answers of a row tell the names of fields, too. */
  readonly tellsFields?: boolean;
}

/** Opens the connector's account on the mock vendor, which answers by `answer`, for the time of the work; without its limits, unless some are given. Who is asked for the names of fields tells them. @returns what the vendor received meanwhile, but for that */
export async function onVendor(
  { name, connector, vendor, tellsFields = false }: KitBench,
  answer: AnswerRequest,
  work: (connection: OpenConnection) => Promise<void>,
  limits: Connector['limits'] = {},
): Promise<readonly VendorRequest[]> {
  const before = vendor.received.length;
  const tellers = tellsFields ? new Map<string, never>() : fieldPaths(connector);
  const tellerOf = ({ path }: VendorRequest) => tellers.get(path.slice(basePath(connector).length));
  vendor.answer = async (request) => {
    const fields = tellerOf(request);
    return fields === undefined ? answer(request) : (await fieldsVendor(fields))(request);
  };
  vendor.trouble = undefined;
  const connections = openConnections({ resolveSecrets: withoutSecrets });
  try {
    await work(connections.open(`kit/kit/${name}`, accountOf(name, connector, vendor.url, limits)));
  } catch (error) {
    // What the mock could not answer explains what came of it.
    throw vendor.trouble ?? error;
  } finally {
    await connections.close();
    vendor.answer = () => ({ status: 404, body: { message: 'the kit expects no request' } });
  }
  if (vendor.trouble !== undefined) throw vendor.trouble;
  return vendor.received.slice(before).filter((request) => tellerOf(request) === undefined);
}

/** Where all its paths begin, on the vendor: its own base URL without the host, and a version that is a path. */
export function basePath({ baseUrl = '', version }: Connector): string {
  const [, path = ''] = /^[a-z]+:\/\/[^/]*(\/.*)?$/.exec(baseUrl) ?? [];
  const versionPath = version !== undefined && 'path' in version ? `/${version.path.replace(/^\//, '')}` : '';
  return `${path.replace(/\/$/, '')}${versionPath}`;
}

function accountOf(name: string, connector: Connector, url: string, limits: Connector['limits']) {
  const { auth, headers, version, probe, errors = [], hints = [], objects } = connector;
  return resolvedConnectionSchema.parse({
    name,
    connector: name,
    baseUrl: `${url}${basePath(connector)}`,
    auth: auth !== undefined && DIRECT_AUTH.has(auth.type) ? auth : { type: 'bearer', token: KIT_SECRET },
    headers: { ...headers, ...(version !== undefined && 'header' in version ? { [version.header]: version.value } : {}) },
    limits,
    timeouts: TIMEOUTS,
    maxAnswerBytes: 64_000_000,
    allowPlainHttp: false,
    ...(probe === undefined ? {} : { probe }),
    errors,
    hints,
    objects,
  });
}

function withoutSecrets(value: Json): Json {
  const text = JSON.stringify(value).replaceAll(/\$\{(?:secret|env):[^}]*\}/g, KIT_SECRET);
  const plain: Json = JSON.parse(text);
  return plain;
}
