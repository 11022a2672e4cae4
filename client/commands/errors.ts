import { z } from 'zod';
import { syncScope } from '../../engine/ids.ts';
import { defineCommand } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { renderFields } from '../output/table.ts';
import { plural, quoted } from '../output/text.ts';
import { renderGroups, withHints } from '../reports/rejection-groups.ts';

export const errorsCommand = defineCommand({
  name: 'errors',
  group: 'Look',
  summary: 'What was rejected or held, grouped by cause, with a hint each',
  arguments: [['<sync>', 'name of the sync']],
  examples: ['syncline errors contacts-to-hubspot', 'syncline errors contacts-to-hubspot --json'],
  input: z.object({ sync: z.string() }),
  run: async (cli, { sync }) => {
    const ref = await cli.session.sync(sync);
    const ledger = await cli.session.ledger();
    const project = await cli.session.project();
    const groups = withHints(await ledger.groupRejections(syncScope(ref)), project.hintsFor(sync));
    const { rejected, held, retriable } = await ledger.countRecords(syncScope(ref));
    cli.out.document({ sync, rejected, held, groups });
    if (groups.length === 0) {
      cli.out.print(`${cli.out.theme.good('✓')} Nothing is rejected or held in ${sync}.`);
      return EXIT.done;
    }
    const { theme, width } = cli.out;
    const counts = [rejected > 0 ? theme.bad(`${plural(rejected, 'record')} rejected`) : '', held > 0 ? theme.warning(`${plural(held, 'record')} held`) : ''];
    cli.out.print(`${theme.strong(sync)}: ${counts.filter((count) => count !== '').join(', ')}, for ${plural(groups.length, 'reason')}\n`);
    cli.out.print(renderGroups(groups, { theme, width, indent: 2 }));
    const [key = 'KEY'] = groups[0]?.sampleKeys ?? [];
    const [[unknown], [conflict]] = await Promise.all([ledger.listUnknown(syncScope(ref), { limit: 1 }), ledger.listConflicts(syncScope(ref), { limit: 1 })]);
    const steps: readonly (readonly [string, string])[] = [
      ["One record's story:", cli.command(`records ${sync} --key ${quoted(key)}`)],
      ...(unknown === undefined ? [] : [['Say what became of them:', cli.command(`unknown list ${sync}`)] as const]),
      ...(conflict === undefined ? [] : [['Say whose values stand:', cli.command(`conflicts list ${sync}`)] as const]),
      ...(retriable > 0 ? [['Send them again:', cli.command(`retry ${sync}`)] as const] : []),
    ];
    cli.out.note(`\n${renderFields(steps, cli.out.noteTheme, 0)}`);
    return EXIT.done;
  },
});
