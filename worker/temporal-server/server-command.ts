import { join } from 'node:path';
import { SEARCH_ATTRIBUTES } from '../../workflows/contract.ts';
import type { ServerPorts } from './server-ports.ts';
import type { TemporalBinary } from './temporal-binary.ts';

const LOOPBACK = '127.0.0.1';
/** Priority and fairness hold within a partition of a task queue, and one carries far more than a development server. */
const DYNAMIC_CONFIG = ['matching.enableFairness=true', 'matching.numTaskqueueReadPartitions=1', 'matching.numTaskqueueWritePartitions=1'] as const;
const KEPT_VARIABLES = ['HOME', 'LANG', 'PATH', 'TMPDIR', 'USER'] as const;

/** The file with all runs and schedules. */
export function databaseFile(directory: string): string {
  return join(directory, 'temporal.db');
}

/** The arguments of a development server with every listener on loopback. */
export function serverArguments(binary: TemporalBinary, directory: string, ports: ServerPorts): readonly string[] {
  return [
    ...['server', 'start-dev', '--namespace', 'default', '--log-level', 'error', '--db-filename', databaseFile(directory)],
    ...['--ip', LOOPBACK, '--port', String(ports.grpc), '--ui-ip', LOOPBACK, '--ui-port', String(ports.ui)],
    ...['--http-port', String(ports.http), '--metrics-port', String(ports.metrics)],
    ...DYNAMIC_CONFIG.flatMap((setting) => ['--dynamic-config-value', setting]),
    ...SEARCH_ATTRIBUTES.flatMap((name) => ['--search-attribute', `${name}=Keyword`]),
    // The Web UI would ask the internet for news.
    ...(binary.flags.has('--ui-disable-news-fetch') ? ['--ui-disable-news-fetch'] : []),
  ];
}

/** The little that a server needs: no secrets of the project, no settings of Temporal's clients, no call home. */
export function serverEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = KEPT_VARIABLES.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]] as const]));
  return { ...Object.fromEntries(kept), TEMPORAL_VERSION_CHECK_DISABLED: '1' };
}
