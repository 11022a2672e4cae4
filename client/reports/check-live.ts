import type { Mistake } from '../../definition/mistake.ts';
import type { ResolvedConnection, ResolvedSync } from '../../definition/resolved.ts';
import { archivedFields, modeOf } from '../../definition/sync-mode.ts';
import { inferFacts } from '../../engine/infer-facts.ts';
import type { Cli } from '../cli.ts';
import { openNamed } from '../discovering/discover-fields.ts';
import { EXIT } from '../exit-codes.ts';
import { formatCount } from '../output/numbers.ts';
import { clean, plural } from '../output/text.ts';
import { formatDuration } from '../output/times.ts';
import type { Project } from '../project.ts';
import { type ConnectionQueue, readQueues } from '../temporal/connection-queues.ts';
import { compareFields } from './compare-fields.ts';
import { attempt, type Found, type LiveResult, printResult } from './live-result.ts';

export interface LiveCheck {
  readonly results: readonly LiveResult[];
  /** What the definitions say and the systems do not. */
  readonly mistakes: readonly Mistake[];
}

/** Tries each connection in use, reads one page of each source, and compares the syncs with the fields that the systems tell; prints as it goes. */
export async function checkLive(cli: Cli, project: Project): Promise<LiveCheck> {
  const syncs = project.syncNames.map((name) => project.resolve(name).definition);
  const connections = new Map(syncs.flatMap((sync) => Object.entries(sync.connections)));
  // One that is down is asked for seconds: all at once, printed in order.
  const probes = await inOrder(
    cli,
    [...connections.values()]
      .filter(({ taskQueue }) => taskQueue === undefined)
      .map((connection) => attempt(connection, undefined, () => probe(cli, project, connection))),
  );
  const queues = await inOrder(
    cli,
    (await readQueues(cli, project.syncNames)).map(async (queue) => queueResult(cli, queue)),
  );
  const isGood = (connection: string) => probes.some((result) => result.connection === connection && result.isGood);
  const pages = sourcesOf(syncs).flatMap(({ connection, object }) => {
    const resolved = connections.get(connection);
    return resolved === undefined || !isGood(connection) ? [] : [attempt(resolved, object, () => readPage(cli, project, resolved, object))];
  });
  const targets = syncs.flatMap((sync) => {
    const { connection, object } = sync.sync.target;
    const resolved = connections.get(connection);
    return resolved?.objects[object]?.table === undefined || !isGood(connection)
      ? []
      : [attempt(resolved, object, () => foresee(cli, project, resolved, sync))];
  });
  const read = await inOrder(cli, pages);
  const foreseen = await inOrder(cli, targets);
  const reachable = syncs.filter(({ sync }) => isGood(sync.source.connection) && isGood(sync.target.connection));
  const told = await compareFields(cli, project, { syncs: reachable, read });
  for (const result of told.results) printResult(cli, result);
  return { results: [...probes, ...queues, ...read, ...foreseen, ...told.results], mistakes: told.mistakes };
}

/** What certain workers alone can reach is not tried from here. */
function queueResult(cli: Cli, { connection, queue, isServed }: ConnectionQueue): LiveResult {
  const message = isServed
    ? `is left to the workers of its task queue ${queue}`
    : `has no worker for its task queue ${queue}: where it can be reached, start "${cli.command(`worker --queue ${queue}`)}"`;
  return { connection, isGood: isServed, message, exitCode: isServed ? EXIT.done : EXIT.unreachable };
}

async function inOrder(cli: Cli, attempts: readonly Promise<LiveResult>[]): Promise<readonly LiveResult[]> {
  const settled = Promise.all(attempts);
  for (const result of attempts) printResult(cli, await result);
  return settled;
}

/** Whether a table has a column for each field that is mapped. */
async function foresee(cli: Cli, project: Project, connection: ResolvedConnection, { ref, sync }: ResolvedSync): Promise<Found> {
  const { object, matchOn } = sync.target;
  const target = (await openNamed(cli, project, connection)).target(object, matchOn);
  const fields = [...new Set([...Object.keys(sync.mapping), ...Object.keys(archivedFields(sync.target) ?? {})])];
  const mode = modeOf(sync.target);
  const additions =
    (await target.foresee?.(mode === 'insert' || mode === 'update' ? 'create' : 'upsert', [Object.fromEntries(fields.map((name) => [name, undefined]))])) ?? [];
  const message = additions.length === 0 ? `takes the ${plural(fields.length, 'field')} of ${ref.sync}` : `first ${ref.sync} ${additions.join(', then ')}`;
  return { message };
}

/** Sources of syncs and of lookups, each once. */
function sourcesOf(syncs: readonly ResolvedSync[]): readonly { readonly connection: string; readonly object: string }[] {
  const all = syncs.flatMap(({ sync }) => [sync.source, ...Object.values(sync.lookups).map((lookup) => lookup.from)]);
  return [...new Map(all.map(({ connection, object }) => [`${connection} ${object}`, { connection, object }])).values()];
}

async function probe(cli: Cli, project: Project, connection: ResolvedConnection): Promise<Found> {
  const startedAt = Date.now();
  const opened = await openNamed(cli, project, connection);
  await opened.probe(cli.interrupted());
  return { message: `answers at ${opened.address} in ${formatDuration(Date.now() - startedAt)}` };
}

async function readPage(cli: Cli, project: Project, connection: ResolvedConnection, object: string): Promise<Found> {
  const page = await (await openNamed(cli, project, connection)).source(object).readPage({ window: {}, cursor: undefined, signal: cli.interrupted() });
  const fields = [...new Set(page.records.flatMap((record) => Object.keys(record.fields)))].map(clean);
  const total = page.total === undefined ? '' : ` of ${formatCount(page.total)}`;
  return {
    message: `${plural(page.records.length, 'record')}${total} on the first page`,
    records: page.records.length,
    fields,
    facts: inferFacts(page.records.map((record) => record.fields)),
    ...(page.total === undefined ? {} : { total: page.total }),
  };
}
