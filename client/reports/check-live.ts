import type { OpenConnection } from '../../connectors/ports.ts';
import type { ResolvedConnection, ResolvedSync } from '../../definition/resolved.ts';
import { SyncError } from '../../engine/errors.ts';
import { accountScope } from '../../engine/ids.ts';
import type { Cli } from '../cli.ts';
import { EXIT, type ExitCode, exitCodeOf } from '../exit-codes.ts';
import { formatCount } from '../output/numbers.ts';
import { clean, plural, wrap } from '../output/text.ts';
import { formatDuration } from '../output/times.ts';
import type { Project } from '../project.ts';

/** What came of trying one thing. */
export interface LiveResult {
  readonly connection: string;
  /** Absent: the connection itself. */
  readonly object?: string;
  readonly isGood: boolean;
  readonly message: string;
  readonly records?: number;
  readonly total?: number;
  readonly fields?: readonly string[];
  readonly exitCode: ExitCode;
}

/** Tries each connection in use, then reads one page of each source; prints as it goes. */
export async function checkLive(cli: Cli, project: Project): Promise<readonly LiveResult[]> {
  const syncs = project.syncNames.map((name) => project.resolve(name).definition);
  const connections = new Map(syncs.flatMap((sync) => Object.entries(sync.connections)));
  const results: LiveResult[] = [];
  const bad = new Set<string>();
  for (const connection of connections.values()) {
    const result = await attempt(cli, connection, undefined, () => probe(cli, project, connection));
    if (!result.isGood) bad.add(connection.name);
    results.push(result);
  }
  for (const { connection, object } of sourcesOf(syncs)) {
    const resolved = connections.get(connection);
    if (resolved !== undefined && !bad.has(connection)) results.push(await attempt(cli, resolved, object, () => readPage(cli, project, resolved, object)));
  }
  return results;
}

/** Sources of syncs and of lookups, each once. */
function sourcesOf(syncs: readonly ResolvedSync[]): readonly { readonly connection: string; readonly object: string }[] {
  const all = syncs.flatMap(({ sync }) => [sync.source, ...Object.values(sync.lookups).map((lookup) => lookup.from)]);
  return [...new Map(all.map(({ connection, object }) => [`${connection} ${object}`, { connection, object }])).values()];
}

type Found = Pick<LiveResult, 'message' | 'records' | 'total' | 'fields'>;

async function attempt(cli: Cli, connection: ResolvedConnection, object: string | undefined, work: () => Promise<Found>): Promise<LiveResult> {
  const what = object === undefined ? connection.name : `${connection.name} ${object}`;
  const named = { connection: connection.name, ...(object === undefined ? {} : { object }) };
  const { theme, width } = cli.out;
  try {
    const found = await work();
    cli.out.print(`${theme.good('✓')} ${what.padEnd(24)} ${found.message}`);
    if (found.fields !== undefined) for (const line of wrap(found.fields.join(', '), width - 27)) cli.out.print(`${' '.repeat(27)}${theme.faint(line)}`);
    return { ...named, isGood: true, exitCode: EXIT.done, ...found };
  } catch (error) {
    if (!(error instanceof SyncError)) throw error;
    cli.out.print(`${theme.bad('✗')} ${what.padEnd(24)} ${clean(error.message)}`);
    return { ...named, isGood: false, message: error.message, exitCode: exitCodeOf(error.code) };
  }
}

async function open(cli: Cli, project: Project, connection: ResolvedConnection): Promise<OpenConnection> {
  return (await cli.session.connections()).open(accountScope(project.name, project.profile, connection.name), connection);
}

async function probe(cli: Cli, project: Project, connection: ResolvedConnection): Promise<Found> {
  const startedAt = Date.now();
  await (await open(cli, project, connection)).probe(cli.interrupted());
  return { message: `answers at ${connection.baseUrl} in ${formatDuration(Date.now() - startedAt)}` };
}

async function readPage(cli: Cli, project: Project, connection: ResolvedConnection, object: string): Promise<Found> {
  const page = await (await open(cli, project, connection)).source(object).readPage({ window: {}, cursor: undefined, signal: cli.interrupted() });
  const fields = [...new Set(page.records.flatMap((record) => Object.keys(record.fields)))].map(clean);
  const total = page.total === undefined ? '' : ` of ${formatCount(page.total)}`;
  return {
    message: `${plural(page.records.length, 'record')}${total} on the first page`,
    records: page.records.length,
    fields,
    ...(page.total === undefined ? {} : { total: page.total }),
  };
}
