import { parseSyncScope } from '../../engine/ids.ts';
import type { Cli } from '../cli.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { renderTable } from '../output/table.ts';
import { clean, plural } from '../output/text.ts';
import { formatTime } from '../output/times.ts';

/** `alerts list`: the incidents that are open. */
export async function listAlerts(cli: Cli): Promise<ExitCode> {
  const { out } = cli;
  const { name, profile } = await cli.session.project();
  const incidents = (await (await cli.session.ledger()).listOpenIncidents(`${name}/${profile}/`)).map(({ scope, ...incident }) => ({
    sync: parseSyncScope(scope).sync,
    ...incident,
  }));
  out.document({
    incidents: incidents.map(({ id, sync, rule, what, openedBy, openedAt, toldOpened }) => ({
      id,
      sync,
      rule,
      what,
      run: openedBy,
      since: new Date(openedAt).toISOString(),
      told: toldOpened,
    })),
  });
  const [first] = incidents;
  if (first === undefined) {
    out.print(`${out.theme.good('✓')} Nothing is wrong on ${profile} by the alert rules.`);
    return EXIT.done;
  }
  out.print(`${out.theme.warning(plural(incidents.length, 'open incident'))} on ${profile}\n`);
  const rows = incidents.map(({ sync, rule, openedAt, openedBy, toldOpened }) => [
    clean(sync),
    clean(rule),
    formatTime(openedAt),
    openedBy,
    toldOpened.length === 0 ? out.theme.warning('nobody yet') : toldOpened.map(clean).join(', '),
  ]);
  out.print(renderTable([{ title: 'sync' }, { title: 'rule' }, { title: 'since' }, { title: 'run' }, { title: 'told' }], rows, out.theme));
  out.note(`\nEach ends with the next run that goes well. What happened: ${cli.command(`show ${first.openedBy}`)}`);
  return EXIT.done;
}
