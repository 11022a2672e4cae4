import { SyncError } from '../../engine/errors.ts';
import type { Cli } from '../cli.ts';
import { EXIT, type ExitCode, exitCodeOf } from '../exit-codes.ts';
import { renderFields } from '../output/table.ts';
import { clean, plural } from '../output/text.ts';
import { openProject, type Project } from '../project.ts';
import { errorsOf, renderMistakes } from '../reports/mistakes.ts';
import type { WrittenConnector } from './new-connector.ts';
import { type FirstPage, readFirst } from './read-first.ts';

export interface DraftedConnector {
  readonly name: string;
  readonly objects: readonly string[];
  /** What could have been an object, with why it is none. */
  readonly leftOut: readonly { readonly path: string; readonly why: string }[];
  readonly isLive: boolean;
  /** Writes the files. */
  readonly written: (profile: string) => WrittenConnector;
}

const MOST_LEFT_OUT = 10;

/** Writes the connector, checks it as it stands on the disk, reads a page where that was asked for, and says what comes next. */
export async function tellConnector(cli: Cli, drafted: DraftedConnector): Promise<ExitCode> {
  const { name, objects, leftOut, isLive } = drafted;
  const before = await cli.session.project();
  const written = drafted.written(before.profile);
  const project = await openProject({ directory: before.directory, profile: before.profile, env: cli.env });
  const own = project.mistakes.filter(({ file }) => file === `connectors/${name}.yaml` || file === `connections/${name}.yaml`);
  const unset = written.secrets.filter((secret) => own.some(({ message }) => isOf(message, secret)));
  const wrong = errorsOf(own).filter(({ message }) => !unset.some((secret) => isOf(message, secret)));
  tellFiles(cli, written, objects, leftOut);
  if (wrong.length > 0) cli.out.print(`\n${renderMistakes(wrong, cli.out.theme)}`);
  if (unset.length > 0) cli.out.print(`\nPut into .env:\n\n${unset.map((secret) => `  ${secret}=`).join('\n')}`);
  const page = isLive && wrong.length === 0 && unset.length === 0 ? await tryFirst(cli, project, name, objects) : undefined;
  cli.out.document({ connector: name, ...written, objects, leftOut, mistakes: own, ...(page === undefined ? {} : { live: page.document }) });
  tellNext(cli, name, objects);
  if (wrong.length > 0) return EXIT.definition;
  return page?.exitCode ?? EXIT.done;
}

/** A mistake of a value that is not set yet. */
function isOf(message: string, secret: string): boolean {
  return message.includes('not set') && message.split(/[^\w]+/).includes(secret);
}

function tellFiles(cli: Cli, { files, guesses }: WrittenConnector, objects: readonly string[], leftOut: DraftedConnector['leftOut']): void {
  const { theme } = cli.out;
  cli.out.print(`${theme.good('✓')} ${plural(objects.length, 'object')}: ${clean(objects.join(', '))}`);
  for (const file of files) cli.out.print(`  ${file}`);
  cli.out.print(`  ${plural(guesses, 'guess', 'guesses')} to review: look for "# guessed"`);
  if (leftOut.length > 0) cli.out.print(`\nLeft out:`);
  for (const { path, why } of leftOut.slice(0, MOST_LEFT_OUT)) cli.out.print(`  ${clean(path)}: ${clean(why)}`);
  if (leftOut.length > MOST_LEFT_OUT) cli.out.print(theme.faint(`  and ${leftOut.length - MOST_LEFT_OUT} more`));
}

async function tryFirst(
  cli: Cli,
  project: Project,
  name: string,
  objects: readonly string[],
): Promise<{ readonly exitCode: ExitCode; readonly document: object }> {
  const [object = ''] = objects;
  try {
    const page = await readFirst(cli, project, name, object);
    cli.out.print(`\n${cli.out.theme.good('✓')} ${name} ${object}: ${pageWords(page)}`);
    return { exitCode: EXIT.done, document: { object, isGood: true, ...page } };
  } catch (error) {
    if (!(error instanceof SyncError)) throw error;
    cli.out.print(`\n${cli.out.theme.bad('✗')} ${name} ${object}: ${clean(error.message)}`);
    return { exitCode: exitCodeOf(error.code), document: { object, isGood: false, message: error.message } };
  }
}

function pageWords({ records, hasNext }: FirstPage): string {
  return `${plural(records, 'record')} on the first page${hasNext ? ', and there is a next one' : ''}`;
}

function tellNext(cli: Cli, name: string, objects: readonly string[]): void {
  const [object = 'OBJECT'] = objects;
  cli.out.note(
    `\n${renderFields(
      [
        ['Review it', `connectors/${name}.yaml`],
        ['Check it', cli.command('check')],
        ['Probe it', cli.command(`connector probe ${name}`)],
        ['Use it', `source: { connection: ${name}, object: ${object} }, in a sync`],
      ],
      cli.out.noteTheme,
    )}`,
  );
}
