import { setTimeout as sleep } from 'node:timers/promises';
import type { Client, ConnectionOptions } from '@temporalio/client';
import { type TemporalPlace, temporalTrouble } from '../../engine/temporal-trouble.ts';
import { parsePayloadKeys } from '../../payloads/payload-keys.ts';
import { CliError } from '../cli-error.ts';
import { readDevLock } from '../programs/dev-lock.ts';
import { readTemporalSettings, type TemporalSettings, troubleAsError } from './read-settings.ts';
import { listens, whyUnreachable } from './why-unreachable.ts';

const DEFAULT_ADDRESS = '127.0.0.1:7233';
/** A name to resolve, a handshake or two, an ocean between; or a machine with much to do. */
const CONNECT_TIMEOUT_MS = 10_000;
const ASK_WHY_AFTER_MS = 1_500;
/** Where nobody listens on this machine, nobody is waited for. */
const HERE = /^(127\.|localhost:|\[::1\])/;

/** An answering Temporal server. */
export interface Temporal {
  readonly client: Client;
  readonly address: string;
  readonly namespace: string;
  close(): Promise<void>;
}

export interface ConnectOptions {
  /** The folder of the project. */
  readonly project: string;
  /** As SYNCLINE_PAYLOAD_KEYS has them. */
  readonly payloadKeys: string | undefined;
  readonly env: NodeJS.ProcessEnv;
}

/**
 * Connects to TEMPORAL_ADDRESS or temporal.toml (namespace, TLS, client certificate and API key included); else to the server of the project's running `dev`;
 * else to 127.0.0.1:7233.
 * @throws CliError (exit 5) where none answers in time; (exit 6) where it refuses certificate or key; (exit 3) where the settings are wrong; SyncError SECRET_MISSING where the
 * keys are none
 */
export async function connectTemporal({ project, payloadKeys, env }: ConnectOptions): Promise<Temporal> {
  const keys = parsePayloadKeys(payloadKeys);
  // Loaded here: it takes half a second, and many commands do without.
  const [{ Client, Connection }, settings, { clientDataConverter }] = await Promise.all([
    import('@temporalio/client'),
    readTemporalSettings(env),
    import('../../payloads/data-converter.ts'),
  ]);
  const address = settings.address ?? readDevLock(project)?.address ?? DEFAULT_ADDRESS;
  const { namespace } = settings;
  try {
    if (HERE.test(address)) await listens(address);
    const connecting = Connection.connect(connectionOptions(address, settings));
    const connection = await Promise.race([connecting, known(connecting, address, settings)]);
    return { client: new Client({ connection, namespace, dataConverter: clientDataConverter(keys) }), address, namespace, close: () => connection.close() };
  } catch (cause) {
    throw await explained(cause, address, settings);
  }
}

/** The address that TEMPORAL_ADDRESS or temporal.toml names, if one does. */
export async function configuredAddress(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  return (await readTemporalSettings(env)).address;
}

function connectionOptions(address: string, { apiKey, tls, metadata }: TemporalSettings): ConnectionOptions {
  return {
    address,
    connectTimeout: CONNECT_TIMEOUT_MS,
    ...(apiKey === undefined ? {} : { apiKey }),
    ...(tls === undefined ? {} : { tls }),
    ...(metadata === undefined ? {} : { metadata }),
  };
}

/** What is surely wrong is told before the patience with a slow server ends. */
async function known<Connecting>(connecting: Promise<Connecting>, address: string, settings: TemporalSettings): Promise<Connecting> {
  const isOver = await Promise.race([sleep(ASK_WHY_AFTER_MS, false, { ref: false }), connecting.then(isTrue, isTrue)]);
  const told = isOver ? undefined : temporalTrouble(await whyUnreachable(address, settings.tls), placeOf(address, settings));
  if (told === undefined || told.kind === 'unreachable') return connecting;
  throw troubleAsError(told, undefined);
}

const isTrue = () => true;

async function explained(cause: unknown, address: string, settings: TemporalSettings): Promise<Error> {
  if (cause instanceof CliError) return cause;
  const place = placeOf(address, settings);
  const told = temporalTrouble(wordsOf(cause), place);
  if (told.kind !== 'unreachable') return troubleAsError(told, cause);
  return troubleAsError(temporalTrouble(await whyUnreachable(address, settings.tls), place), cause);
}

function placeOf(address: string, { namespace, tls }: TemporalSettings): TemporalPlace {
  return {
    address,
    namespace,
    isTls: tls !== undefined && tls !== null && tls !== false,
    hasClientCertificate: typeof tls === 'object' && tls?.clientCertPair !== undefined,
  };
}

/** With those of its causes. */
function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}: ${wordsOf(error.cause)}`;
}
