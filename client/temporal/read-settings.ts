import type { ConnectionOptions } from '@temporalio/client';
import type { TemporalTrouble } from '../../engine/temporal-trouble.ts';
import { halfOfPair, settingsTrouble } from '../../engine/temporal-trouble.ts';
import { CliError } from '../cli-error.ts';
import { EXIT } from '../exit-codes.ts';

/** What TEMPORAL_ variables and temporal.toml say, as Temporal's own tools read them. */
export interface TemporalSettings {
  readonly address: string | undefined;
  readonly namespace: string;
  readonly tls: ConnectionOptions['tls'];
  readonly apiKey: string | undefined;
  readonly metadata: ConnectionOptions['metadata'];
}

/** @throws CliError (exit 3) where they cannot be used */
export async function readTemporalSettings(env: NodeJS.ProcessEnv): Promise<TemporalSettings> {
  // Loaded here: it takes half a second, and many commands do without.
  const { loadClientConfigProfile, toClientOptions } = await import('@temporalio/envconfig');
  try {
    const profile = loadClientConfigProfile({ overrideEnvVars: definedOnly(env) });
    const half = halfOfPair(profile.tls);
    if (half !== undefined) throw new Error(half);
    const { connectionOptions, namespace = 'default' } = toClientOptions(profile);
    const { address, tls, apiKey, metadata } = connectionOptions;
    return { address, namespace, tls, apiKey, metadata };
  } catch (cause) {
    throw troubleAsError(settingsTrouble(cause instanceof Error ? cause.message : String(cause)), cause);
  }
}

function definedOnly(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}

export function troubleAsError({ kind, message }: TemporalTrouble, cause: unknown): CliError {
  switch (kind) {
    case 'refused':
      return new CliError({ exitCode: EXIT.credentials, code: 'CREDENTIALS_REJECTED', message, cause });
    case 'misconfigured':
      return new CliError({ exitCode: EXIT.definition, code: 'TEMPORAL_SETTINGS', message, cause });
    case 'unreachable':
      return new CliError({ exitCode: EXIT.unreachable, code: 'TEMPORAL_UNREACHABLE', message, cause });
  }
}
