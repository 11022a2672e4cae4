import type { Client, ConnectionOptions } from '@temporalio/client';
import { temporalTrouble } from '../../engine/temporal-trouble.ts';
import { parsePayloadKeys } from '../../payloads/payload-keys.ts';
import { readDevLock } from '../programs/dev-lock.ts';
import { readTemporalSettings, type TemporalSettings, troubleAsError } from './read-settings.ts';
import { whyUnreachable } from './why-unreachable.ts';

const DEFAULT_ADDRESS = '127.0.0.1:7233';
const CONNECT_TIMEOUT_MS = 2_000;
/** A name to resolve, a handshake or two, an ocean between. */
const FAR_CONNECT_TIMEOUT_MS = 10_000;

/** An answering Temporal server. */
export interface Temporal {
  readonly client: Client;
  readonly address: string;
  readonly namespace: string;
  close(): Promise<void>;
}

/**
 * Connects to TEMPORAL_ADDRESS or temporal.toml (namespace, TLS, client certificate and API key included); else to the server of the project's running `dev`;
 * else to 127.0.0.1:7233.
 * @param payloadKeys as SYNCLINE_PAYLOAD_KEYS has them
 * @throws CliError (exit 5) where none answers in time; (exit 6) where it refuses certificate or key; (exit 3) where the settings are wrong; SyncError SECRET_MISSING where the
 * keys are none
 */
export async function connectTemporal(project: string, payloadKeys: string | undefined): Promise<Temporal> {
  const keys = parsePayloadKeys(payloadKeys);
  // Loaded here: it takes half a second, and many commands do without.
  const [{ Client, Connection }, settings, { clientDataConverter }] = await Promise.all([
    import('@temporalio/client'),
    readTemporalSettings(),
    import('../../payloads/data-converter.ts'),
  ]);
  const address = settings.address ?? readDevLock(project)?.address ?? DEFAULT_ADDRESS;
  const { namespace } = settings;
  try {
    const connection = await Connection.connect(connectionOptions(address, settings));
    return { client: new Client({ connection, namespace, dataConverter: clientDataConverter(keys) }), address, namespace, close: () => connection.close() };
  } catch (cause) {
    throw await explained(cause, address, settings);
  }
}

/** The address that TEMPORAL_ADDRESS or temporal.toml names, if one does. */
export async function configuredAddress(): Promise<string | undefined> {
  return (await readTemporalSettings()).address;
}

function connectionOptions(address: string, { apiKey, tls, metadata }: TemporalSettings): ConnectionOptions {
  const isHere = /^(127\.|localhost:|\[::1\])/.test(address);
  return {
    address,
    connectTimeout: isHere ? CONNECT_TIMEOUT_MS : FAR_CONNECT_TIMEOUT_MS,
    ...(apiKey === undefined ? {} : { apiKey }),
    ...(tls === undefined ? {} : { tls }),
    ...(metadata === undefined ? {} : { metadata }),
  };
}

async function explained(cause: unknown, address: string, { namespace, tls }: TemporalSettings): Promise<Error> {
  const place = {
    address,
    namespace,
    isTls: tls !== undefined && tls !== null && tls !== false,
    hasClientCertificate: typeof tls === 'object' && tls?.clientCertPair !== undefined,
  };
  const told = temporalTrouble(wordsOf(cause), place);
  if (told.kind !== 'unreachable') return troubleAsError(told, cause);
  return troubleAsError(temporalTrouble(await whyUnreachable(address, tls), place), cause);
}

/** With those of its causes. */
function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}: ${wordsOf(error.cause)}`;
}
