import type { Page } from '../../connectors/ports.ts';
import { readFirstRecords } from '../../connectors/read-when-done.ts';
import type { ResolvedSync } from '../../definition/resolved.ts';
import { modeOf } from '../../definition/sync-mode.ts';
import { accountScope } from '../../engine/ids.ts';
import type { JsonObject } from '../../engine/json.ts';
import { compileMapping } from '../../engine/map-record.ts';
import type { Cli } from '../cli.ts';
import { formatCount } from '../output/numbers.ts';
import { clean } from '../output/text.ts';
import { hideSensitive } from '../reports/hide-sensitive.ts';
import { renderValues } from '../reports/record-story.ts';

const SAMPLES = 3;

/** Shows what a first run is about to do: where from and to, how many, and three records as they would be sent. Reads one page; writes nothing. */
export async function previewFirstRun(cli: Cli, sync: string): Promise<void> {
  const project = await cli.session.project();
  const { definition } = project.resolve(sync);
  const { out } = cli;
  const theme = out.noteTheme;
  const { source, target } = definition.sync;
  out.note(`${theme.strong(sync)} has not run on ${theme.strong(project.profile)} before.\n`);
  const queue = definition.connections[source.connection]?.taskQueue;
  if (queue !== undefined) return out.note(`  ${source.connection} is read by the workers of the task queue ${queue} alone: nothing is shown here.\n`);
  const page = await readFirstPage(cli, definition);
  out.note(`  from  ${source.connection} ${source.object}: ${countWords(page)}`);
  out.note(`  to    ${target.connection} ${target.object}, ${modeOf(target)} matched on ${target.matchOn}\n`);
  for (const record of page.records.slice(0, SAMPLES)) {
    out.note(`  ${theme.faint(`key ${clean(record.key)}`)}`);
    out.note(`${await showMapped(definition, record.fields, theme)}\n`);
  }
}

async function readFirstPage(cli: Cli, definition: ResolvedSync): Promise<Page> {
  const { ref, sync, connections } = definition;
  const connection = connections[sync.source.connection];
  if (connection === undefined) throw new Error(`no connection ${sync.source.connection} in a resolved definition`);
  const opened = (await cli.session.connections()).open(accountScope(ref.project, ref.profile, connection.name), connection);
  return readFirstRecords(opened.source(sync.source.object), { window: {}, signal: cli.interrupted() });
}

function countWords(page: Page): string {
  if (page.total !== undefined) return `${formatCount(page.total)} records`;
  return page.next === undefined ? `${formatCount(page.records.length)} records` : `at least ${formatCount(page.records.length)} records`;
}

/** As the run would map it; what a lookup would give is named, not asked for. */
async function showMapped(definition: ResolvedSync, fields: JsonObject, theme: Cli['out']['theme']): Promise<string> {
  const { mapping, lookups } = definition.sync;
  const mapped = await compileMapping(mapping, lookups).map(fields, (lookup, value) => ({ found: 'one', id: `(${lookup} of ${value})` }));
  if (mapped.ok) return renderValues(hideSensitive(mapping, mapped.fields), theme, 4);
  return mapped.rejections.map((rejection) => `    ${theme.bad(`would be rejected: ${rejection.field ?? ''}: ${clean(rejection.message)}`)}`).join('\n');
}
