import { loadClientConnectConfig } from '@temporalio/envconfig';
import { NativeConnection } from '@temporalio/worker';

export interface TemporalConnection {
  readonly connection: NativeConnection;
  readonly namespace: string;
}

/** Connects to the address given by flag, else by TEMPORAL_ADDRESS or temporal.toml (TLS and keys included), else to 127.0.0.1:7233. */
export async function connectTemporal(address: string | undefined): Promise<TemporalConnection> {
  const config = loadClientConnectConfig();
  const { metadata: _, ...options } = config.connectionOptions;
  const connection = await NativeConnection.connect({ ...options, ...(address === undefined ? {} : { address }) });
  return { connection, namespace: config.namespace ?? 'default' };
}
