import { parseSyncScope } from '../../engine/ids.ts';
import { NO_RUN } from '../../ledger/incident-store.ts';
import type { Cli } from '../cli.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { renderTable } from '../output/table.ts';
import { clean, plural } from '../output/text.ts';
import { formatTime } from '../output/times.ts';

/** `alerts list`: the incidents that are open. */
export async function listAlerts(cli: Cli): Promise<ExitCode> {
  const { out } = cli;
  const { name, profile } = await cli.session.project();
  const ledger = await cli.session.ledger();
  const mutes = (await ledger.listMutes(`${name}/${profile}/`, Date.now())).map(({ scope, until }) => ({ sync: parseSyncScope(scope).sync, until }));
  const incidents = (await ledger.listOpenIncidents(`${name}/${profile}/`)).map(({ scope, ...incident }) => ({
    sync: parseSyncScope(scope).sync,
    ...incident,
  }));
  out.document({
    incidents: incidents.map(({ id, sync, rule, what, openedBy, openedAt, toldOpened }) => ({
      id,
      sync,
      rule,
      what,
      ...(openedBy === NO_RUN ? {} : { run: openedBy }),
      since: new Date(openedAt).toISOString(),
      told: toldOpened,
    })),
    muted: mutes.map(({ sync, until }) => ({ sync, until: new Date(until).toISOString() })),
  });
  const muted = mutes.map(({ sync, until }) => `Nobody is told of ${clean(sync)} before ${formatTime(until)}: ${cli.command(`alerts unmute ${sync}`)}`);
  const [first] = incidents;
  if (first === undefined) {
    out.print(`${out.theme.good('✓')} Nothing is wrong on ${profile} by the alert rules.`);
    for (const line of muted) out.note(line);
    return EXIT.done;
  }
  out.print(`${out.theme.warning(plural(incidents.length, 'open incident'))} on ${profile}\n`);
  const rows = incidents.map(({ sync, rule, openedAt, openedBy, toldOpened }) => [
    clean(sync),
    clean(rule),
    formatTime(openedAt),
    openedBy === NO_RUN ? '' : openedBy,
    toldOpened.length === 0 ? out.theme.warning('nobody yet') : toldOpened.map(clean).join(', '),
  ]);
  out.print(renderTable([{ title: 'sync' }, { title: 'rule' }, { title: 'since' }, { title: 'run' }, { title: 'told' }], rows, out.theme));
  out.note(`\nEach ends when it is well again. What happened: ${cli.command(first.openedBy === NO_RUN ? `runs ${first.sync}` : `show ${first.openedBy}`)}`);
  for (const line of muted) out.note(line);
  return EXIT.done;
}
