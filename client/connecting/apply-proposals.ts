import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Proposal } from '../../connectors/draft/probe/findings.ts';
import { editYaml, flowText } from '../../definition/edit-yaml.ts';
import type { Cli } from '../cli.ts';
import { plural } from '../output/text.ts';
import { type DefinitionFile, entriesOf } from './find-definition.ts';
import { renderChange } from './show-change.ts';

/**
 * Shows what a definition should say, and writes it where the person agrees; all else in the file stays as it is.
 * @returns the file that was changed
 */
export async function applyProposals(cli: Cli, found: DefinitionFile | undefined, object: string, proposals: readonly Proposal[]): Promise<string | undefined> {
  if (proposals.length === 0) return undefined;
  const entries = found === undefined ? [] : entriesOf(found, object, proposals);
  const left = proposals.filter(({ path }) => !entries.some((entry) => entry.path.slice(-path.length).join('.') === path.join('.')));
  const edited = found === undefined ? undefined : editYaml(found.text, entries);
  if (left.length > 0 || (found !== undefined && edited === undefined)) tellByHand(cli, edited === undefined ? proposals : left);
  if (found === undefined || edited === undefined || edited === found.text) return undefined;
  cli.out.print(`\n${cli.out.theme.strong(found.file)}`);
  let text = found.text;
  for (const entry of entries) {
    const next = editYaml(text, [entry]) ?? text;
    cli.out.print(renderChange(text, next, cli.out.theme));
    text = next;
  }
  if (!cli.flags.yes && !cli.isInteractive) {
    cli.out.note(`\nNothing was written. Write it: ${cli.command('connector probe …')} --yes`);
    return undefined;
  }
  if (!(await cli.confirm(`Write ${plural(entries.length, 'change')} into ${found.file}?`))) return undefined;
  writeFileSync(join(cli.session.directory, found.file), edited);
  cli.out.print(`\n${cli.out.theme.good('✓')} ${found.file} was changed`);
  return found.file;
}

function tellByHand(cli: Cli, proposals: readonly Proposal[]): void {
  cli.out.print('\nTo be written by hand, into a connector of your own:');
  for (const { path, value, why } of proposals) cli.out.print(`  ${path.join('.')}: ${flowText(value)}  ${cli.out.theme.faint(`# ${why}`)}`);
}
