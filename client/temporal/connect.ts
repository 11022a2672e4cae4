import type { Client } from '@temporalio/client';
import { CliError } from '../cli-error.ts';
import { EXIT } from '../exit-codes.ts';
import { readDevLock } from '../programs/dev-lock.ts';

const DEFAULT_ADDRESS = '127.0.0.1:7233';
const CONNECT_TIMEOUT_MS = 2_000;

/** An answering Temporal server. */
export interface Temporal {
  readonly client: Client;
  readonly address: string;
  readonly namespace: string;
  close(): Promise<void>;
}

/**
 * Connects to TEMPORAL_ADDRESS or temporal.toml; else to the server of the project's running `dev`; else to 127.0.0.1:7233.
 * @throws CliError (exit 5) where none answers within two seconds
 */
export async function connectTemporal(project: string): Promise<Temporal> {
  // Loaded here: it takes half a second, and many commands do without.
  const [{ Client, Connection }, { loadClientConnectConfig }] = await Promise.all([import('@temporalio/client'), import('@temporalio/envconfig')]);
  const config = loadClientConnectConfig();
  const address = config.connectionOptions.address ?? readDevLock(project)?.address ?? DEFAULT_ADDRESS;
  const namespace = config.namespace ?? 'default';
  const { apiKey, tls, metadata } = config.connectionOptions;
  try {
    const connection = await Connection.connect({
      address,
      connectTimeout: CONNECT_TIMEOUT_MS,
      ...(apiKey === undefined ? {} : { apiKey }),
      ...(tls === undefined ? {} : { tls }),
      ...(metadata === undefined ? {} : { metadata }),
    });
    return { client: new Client({ connection, namespace }), address, namespace, close: () => connection.close() };
  } catch (cause) {
    throw new CliError({
      exitCode: EXIT.unreachable,
      code: 'TEMPORAL_UNREACHABLE',
      message: `No Temporal server answers at ${address}. Start one with "syncline dev", or set TEMPORAL_ADDRESS.`,
      cause,
    });
  }
}

/** The address that TEMPORAL_ADDRESS or temporal.toml names, if one does. */
export async function configuredAddress(): Promise<string | undefined> {
  const { loadClientConnectConfig } = await import('@temporalio/envconfig');
  return loadClientConnectConfig().connectionOptions.address;
}
