import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { z } from 'zod';
import { Cli } from './cli.ts';
import { CliError } from './cli-error.ts';
import { type RegisteredCommand, wordsOf } from './command.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { GLOBAL_OPTIONS, globalFlagsSchema } from './flags.ts';
import { renderRootHelp } from './output/root-help.ts';
import { createTheme, type Theme, wantsColor } from './output/theme.ts';
import { reportError } from './report-error.ts';
import type { Shell } from './shell.ts';

/** The command whose words were wrong. */
const typed = new WeakMap<CommanderError, Command>();

/** Runs one command line. @returns its exit code; never throws */
export async function runProgram(words: readonly string[], commands: readonly RegisteredCommand[], shell: Shell): Promise<ExitCode> {
  const ending: { code: ExitCode } = { code: EXIT.done };
  const program = createProgram(commands, shell);
  for (const command of commands) {
    command.register(
      program,
      shell,
      (code) => {
        ending.code = code;
      },
      async (cli, error) => reportError(cli, error),
    );
  }
  for (const command of program.commands) prepare(command, shell);
  try {
    if (words.length === 0) program.help();
    await program.parseAsync([...words], { from: 'user' });
    return ending.code;
  } catch (error) {
    return endOf(error, words, shell);
  }
}

function createProgram(commands: readonly RegisteredCommand[], shell: Shell): Command {
  const program = new Command('syncline')
    .description('Moves records from one SaaS API to another and keeps them in step, durably.')
    .version(readVersion(), '--version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show help for a command');
  for (const [flags, description] of GLOBAL_OPTIONS) program.option(flags, description);
  prepare(program, shell);
  return program.configureHelp({ formatHelp: () => renderRootHelp(commands, helpTheme(shell), Math.min(shell.stdout.columns ?? 100, 110)) });
}

/** Errors are thrown, not printed; help has the look of the rest. With the commands below it. */
function prepare(command: Command, shell: Shell): Command {
  const theme = helpTheme(shell);
  for (const inner of command.commands) prepare(inner, shell);
  return command
    .exitOverride((error) => {
      typed.set(error, command);
      throw error;
    })
    .showSuggestionAfterError()
    .configureOutput({ writeOut: (text) => shell.stdout.write(text), writeErr: (text) => shell.stderr.write(text), outputError: () => undefined })
    .configureHelp({
      showGlobalOptions: false,
      styleTitle: theme.strong,
      styleCommandText: theme.strong,
      styleSubcommandText: theme.link,
      styleOptionText: theme.link,
    });
}

function endOf(error: unknown, words: readonly string[], shell: Shell): ExitCode {
  if (error instanceof CommanderError && error.exitCode === 0) return EXIT.done;
  const isJson = words.includes('--json');
  // Its help has been shown.
  if (isWithoutCommand(error) && !isJson) return EXIT.usage;
  const cli = new Cli(globalFlagsSchema.parse({ json: isJson, color: !words.includes('--no-color') }), shell);
  return reportError(cli, error instanceof CommanderError ? asUsage(error) : error);
}

/** `syncline connector`, of which there are several; `syncline --profile dev`. */
function isWithoutCommand(error: unknown): boolean {
  return error instanceof CommanderError && error.code === 'commander.help';
}

function helpTheme({ stdout, env }: Shell): Theme {
  return createTheme(wantsColor({ isTerminal: stdout.isTTY === true, isRefused: process.argv.includes('--no-color'), env }));
}

/** `error: unknown command 'stauts'\n(Did you mean status?)` in our words. */
function asUsage(error: CommanderError): CliError {
  const command = typed.get(error);
  const help = `See "${command === undefined ? 'syncline' : wordsOf(command)} --help".`;
  if (isWithoutCommand(error)) return new CliError({ exitCode: EXIT.usage, code: 'USAGE', message: `Name a command. ${help}` });
  const [first = '', ...rest] = error.message.replace(/^error: /, '').split('\n');
  const hint = rest.join(' ').replace(/^\(Did you mean (.*)\?\)$/, (_, names: string) => `Did you mean ${names}?`);
  const sentence = `${first.charAt(0).toUpperCase()}${first.slice(1).replace(/\.$/, '')}.`.replaceAll("'", '"');
  return new CliError({ exitCode: EXIT.usage, code: 'USAGE', message: `${sentence} ${hint === '' ? help : hint}` });
}

function readVersion(): string {
  // Beside client/ in the clone, above dist/client/ in the package.
  for (const place of ['../package.json', '../../package.json']) {
    try {
      const file = z.object({ name: z.literal('syncline'), version: z.string() }).safeParse(JSON.parse(readFileSync(new URL(place, import.meta.url), 'utf8')));
      if (file.success) return file.data.version;
    } catch {
      // The other place.
    }
  }
  return 'unknown';
}
