import { loadClientConnectConfig } from '@temporalio/envconfig';
import { NativeConnection } from '@temporalio/worker';
import { SyncError } from '../engine/errors.ts';

export interface TemporalConnection {
  readonly connection: NativeConnection;
  readonly namespace: string;
}

/**
 * Connects to the address given by flag, else by TEMPORAL_ADDRESS or temporal.toml (TLS and keys included), else to 127.0.0.1:7233.
 * @throws SyncError SYSTEM_UNAVAILABLE where no server answers there
 */
export async function connectTemporal(address: string | undefined): Promise<TemporalConnection> {
  const config = loadClientConnectConfig();
  const { metadata: _, ...configured } = config.connectionOptions;
  const options = { ...configured, ...(address === undefined ? {} : { address }) };
  try {
    return { connection: await NativeConnection.connect(options), namespace: config.namespace ?? 'default' };
  } catch (cause) {
    const place = options.address ?? '127.0.0.1:7233';
    const message = `No Temporal server answers at ${place}. Start one with "syncline dev", or set TEMPORAL_ADDRESS to the one you have.`;
    throw new SyncError({ code: 'SYSTEM_UNAVAILABLE', retry: 'backoff', message, cause });
  }
}
