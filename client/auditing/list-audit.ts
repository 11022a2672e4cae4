import { isJsonObject, type Json, type JsonObject } from '../../engine/json.ts';
import type { AuditEntry } from '../../ledger/ledger.ts';
import type { Cli } from '../cli.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { formatCount } from '../output/numbers.ts';
import { renderTable } from '../output/table.ts';
import { clean } from '../output/text.ts';
import { formatTime } from '../output/times.ts';

export interface AuditFilter {
  readonly sync?: string | undefined;
  /** Milliseconds before now. */
  readonly since?: number | undefined;
  readonly limit: number;
}

/** `syncline audit`: newest first. */
export async function listAudit(cli: Cli, { sync, since, limit }: AuditFilter): Promise<ExitCode> {
  const { name: project, profile } = await cli.session.project();
  const filter = { ...(sync === undefined ? {} : { sync }), ...(since === undefined ? {} : { since: Date.now() - since }) };
  const entries = await (await cli.session.ledger()).listAudit({ project, profile, limit, ...filter });
  cli.out.document({ entries: entries.map(({ at, ...entry }) => ({ ...entry, at: new Date(at).toISOString() })) });
  if (entries.length === 0) {
    const isFiltered = sync !== undefined || since !== undefined;
    cli.out.print(isFiltered ? 'Nothing of that is in the audit log.' : `Nothing has been done to ${project} on ${profile} yet.`);
    return EXIT.done;
  }
  cli.out.print(
    renderTable(
      ['When', 'Who', 'What', 'Sync', 'Run', 'Details'].map((title) => ({ title })),
      entries.map(cells),
      cli.out.theme,
    ),
  );
  if (entries.length === limit) cli.out.note(`\nThe newest ${formatCount(limit)}; more with --limit`);
  return EXIT.done;
}

function cells(entry: AuditEntry): readonly string[] {
  const { at, action, sync = '', runId = '', details } = entry;
  return [formatTime(at), actorOf(entry), clean(action), clean(sync), clean(runId), clean(auditWords(details))];
}

/** By hand it was a person; else a schedule or a worker, under some account. */
export function actorOf({ user, host, way }: AuditEntry): string {
  const person = `${clean(user)}@${clean(host)}`;
  return way === 'cli' ? person : `${clean(way)} (${person})`;
}

/** `records 3, as written`; a hash is cut. */
export function auditWords(details: JsonObject): string {
  return Object.entries(details)
    .map(([name, value]) => (value === true ? name : `${name} ${wordOf(value ?? null)}`))
    .join(', ');
}

function wordOf(value: Json): string {
  if (typeof value === 'number') return formatCount(value);
  if (Array.isArray(value)) return value.map(wordOf).join(' ');
  if (isJsonObject(value)) return JSON.stringify(value);
  const text = String(value);
  return /^[0-9a-f]{32,64}$/.test(text) ? text.slice(0, 8) : text;
}
