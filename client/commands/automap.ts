import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { addMappings } from '../../definition/add-mappings.ts';
import type { Loaded } from '../../definition/parse-definition.ts';
import type { Sync } from '../../definition/schema/sync.ts';
import type { Proposal } from '../../engine/automap/automap.ts';
import type { ProposedRule } from '../../engine/automap/proposed-rule.ts';
import type { Cli } from '../cli.ts';
import { CliError } from '../cli-error.ts';
import { defineCommand } from '../command.ts';
import { askMore, askWhich, type Choice } from '../discovering/ask-fields.ts';
import { type ProposedMappings, proposeMappings } from '../discovering/propose-mappings.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { renderTable } from '../output/table.ts';
import { clean, cut, plural } from '../output/text.ts';
import { mistakesError } from '../reports/mistakes.ts';

const SURE = 0.8;
const MAX_REASON = 70;
const EXPECTED = 'expected a number from 0 to 1, such as 0.8';

export const automapCommand = defineCommand({
  name: 'automap',
  group: 'Define',
  summary: 'Propose mappings for the fields that a sync does not map yet, each with its confidence and why; --write adds them to its file',
  arguments: [['<sync>', 'name of the sync']],
  options: [
    ['--write', 'add them to the file of the sync; asks which, and for further ones, in a terminal'],
    ['--min-confidence <number>', `with --write --yes: add those that are at least so sure (default ${SURE}); lists nothing below it`],
  ],
  examples: [
    'syncline automap contacts-to-hubspot',
    'syncline automap contacts-to-hubspot --write',
    'syncline automap contacts-to-hubspot --write --yes --min-confidence 0.9',
  ],
  input: z.object({
    sync: z.string(),
    write: z.boolean().default(false),
    minConfidence: z.coerce.number({ message: EXPECTED }).min(0, EXPECTED).max(1, EXPECTED).optional(),
  }),
  run: async (cli, { sync, write, minConfidence }) => {
    await cli.session.sync(sync);
    if (write && !cli.flags.yes && !cli.isInteractive) {
      throw new CliError({ exitCode: EXIT.usage, code: 'USAGE', message: 'Pass --yes to add what is sure without a terminal.' });
    }
    const project = await cli.session.project();
    const loaded = project.syncFile(sync);
    if (loaded === undefined || loaded.value.source.connection === '' || loaded.value.target.connection === '')
      throw mistakesError(project.mistakes, cli.out.noteTheme);
    const found = await proposeMappings(cli, project, loaded, minConfidence);
    if (!write) return show(cli, sync, found);
    const chosen = await choose(cli, found, minConfidence ?? SURE);
    return writeDown(cli, { sync, loaded, directory: project.directory }, found, chosen);
  },
});

function show(cli: Cli, sync: string, found: ProposedMappings): ExitCode {
  cli.out.document(documentOf(sync, found, []));
  const { theme } = cli.out;
  if (found.proposals.length === 0) cli.out.print('Nothing can be proposed for what is not mapped yet.');
  else {
    const columns = [{ title: 'target field' }, { title: 'from' }, { title: 'with' }, { title: 'confidence', align: 'right' as const }, { title: 'because' }];
    cli.out.print(
      renderTable(
        columns,
        found.proposals.map((proposal) => rowOf(proposal, theme.strong)),
        theme,
      ),
    );
  }
  tellNeeded(cli, found.needed);
  if (found.proposals.length > 0) cli.out.note(`\nTo add them: ${cli.command(`automap ${sync} --write`)}`);
  return EXIT.done;
}

function rowOf({ target, rule, confidence, reason }: Proposal, strong: (text: string) => string): readonly string[] {
  return [strong(clean(target)), clean(rule.from), withWords(rule), confidence.toFixed(2), cut(clean(reason), MAX_REASON)];
}

function withWords({ type, transform = [], values }: ProposedRule): string {
  const parts = [...transform, ...(type === undefined ? [] : [`type ${type}`]), ...(values === undefined ? [] : [plural(Object.keys(values).length, 'value')])];
  return parts.join(', ');
}

function tellNeeded(cli: Cli, needed: readonly string[]): void {
  if (needed.length > 0)
    cli.out.note(
      `\n${cli.out.noteTheme.warning('!')} A new record needs ${needed.map(clean).join(', ')}, too, and nothing was found for ${needed.length === 1 ? 'it' : 'them'}.`,
    );
}

async function choose(cli: Cli, { proposals, source, target, mapped }: ProposedMappings, sure: number): Promise<readonly Choice[]> {
  const choices = proposals.map(({ target: field, rule, confidence, reason }): Choice => {
    return { target: field, rule, words: `${confidence.toFixed(2)}: ${reason}`, isSure: confidence >= sure };
  });
  if (cli.flags.yes) return choices.filter(({ isSure }) => isSure);
  const ticked = choices.length === 0 ? [] : await askWhich(cli, choices);
  return [...ticked, ...(await askMore(cli, { source, target, mapped: [...mapped, ...ticked.map((choice) => choice.target)] }))];
}

function writeDown(
  cli: Cli,
  { sync, loaded, directory }: { readonly sync: string; readonly loaded: Loaded<Sync>; readonly directory: string },
  found: ProposedMappings,
  chosen: readonly Choice[],
): ExitCode {
  const { file } = loaded.file;
  const path = join(directory, file);
  if (chosen.length > 0) {
    // Read anew: answers take their time, and the file may have changed.
    writeFileSync(
      path,
      addMappings(
        readFileSync(path, 'utf8'),
        chosen.map(({ target, rule }) => [target, rule]),
      ),
    );
  }
  cli.out.document(documentOf(sync, found, chosen));
  const { theme } = cli.out;
  if (chosen.length === 0) cli.out.print(`${file} is as it was: nothing was chosen.`);
  for (const { target, rule } of chosen) cli.out.print(`${theme.good('+')} ${theme.strong(clean(target))} from ${clean(rule.from)}`);
  if (chosen.length > 0) cli.out.print(`${theme.good('✓')} ${plural(chosen.length, 'field')} added to ${file}. Next: ${cli.command('check --live')}`);
  tellNeeded(
    cli,
    found.needed.filter((field) => chosen.every(({ target }) => target !== field)),
  );
  return EXIT.done;
}

function documentOf(sync: string, { proposals, needed }: ProposedMappings, chosen: readonly Choice[]) {
  return { sync, proposals, needed, written: chosen.map(({ target }) => target) };
}
