import { loadClientConfigProfile, toClientOptions } from '@temporalio/envconfig';
import { NativeConnection, type NativeConnectionOptions } from '@temporalio/worker';
import { SyncError } from '../engine/errors.ts';
import { halfOfPair, settingsTrouble, type TemporalPlace, type TemporalTrouble, temporalTrouble } from '../engine/temporal-trouble.ts';

export interface TemporalConnection {
  readonly connection: NativeConnection;
  readonly namespace: string;
  /** The failure of a worker in words that say what to do, where Temporal was the cause; else as it is. */
  readonly explain: (cause: unknown) => unknown;
}

/**
 * Connects to the address given by flag, else by TEMPORAL_ADDRESS or temporal.toml (namespace, TLS, client certificate and API key included), else to
 * 127.0.0.1:7233.
 * @throws SyncError SYSTEM_UNAVAILABLE where no server answers there; CREDENTIALS_REJECTED where it refuses us; DEFINITION_INVALID where the settings are wrong
 */
export async function connectTemporal(address: string | undefined): Promise<TemporalConnection> {
  const { options, namespace } = readSettings(address);
  const { tls } = options;
  const place: TemporalPlace = {
    address: options.address ?? '127.0.0.1:7233',
    namespace,
    isTls: tls !== undefined && tls !== null && tls !== false,
    hasClientCertificate: typeof tls === 'object' && tls?.clientCertPair !== undefined,
  };
  const judge = (cause: unknown) => temporalTrouble(wordsOf(cause), place);
  const explain = (cause: unknown) => {
    const trouble = judge(cause);
    return trouble.kind === 'unreachable' || cause instanceof SyncError ? cause : asSyncError(trouble, cause);
  };
  try {
    return { connection: await NativeConnection.connect(options), namespace, explain };
  } catch (cause) {
    throw asSyncError(judge(cause), cause);
  }
}

function readSettings(address: string | undefined): { readonly options: NativeConnectionOptions; readonly namespace: string } {
  try {
    const profile = loadClientConfigProfile();
    const half = halfOfPair(profile.tls);
    if (half !== undefined) throw new Error(half);
    const { connectionOptions, namespace } = toClientOptions(profile);
    const { metadata, ...rest } = connectionOptions;
    const options = { ...rest, ...(metadata === undefined ? {} : { metadata }), ...(address === undefined ? {} : { address }) };
    return { options, namespace: namespace ?? 'default' };
  } catch (cause) {
    throw asSyncError(settingsTrouble(wordsOf(cause)), cause);
  }
}

function asSyncError({ kind, message }: TemporalTrouble, cause: unknown): SyncError {
  switch (kind) {
    case 'refused':
      return new SyncError({ code: 'CREDENTIALS_REJECTED', retry: 'never', message, cause });
    case 'misconfigured':
      return new SyncError({ code: 'DEFINITION_INVALID', retry: 'never', message, cause });
    case 'unreachable':
      return new SyncError({ code: 'SYSTEM_UNAVAILABLE', retry: 'backoff', message, cause });
  }
}

function wordsOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
