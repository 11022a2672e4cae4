import type { Command } from 'commander';
import { z } from 'zod';
import { parseDuration } from '../engine/duration.ts';
import { Cli } from './cli.ts';
import { CliError } from './cli-error.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { globalFlagsSchema } from './flags.ts';
import type { Shell } from './shell.ts';

/** The groups of the help page, in its order. */
export type CommandGroup = 'Define' | 'Run' | 'Look' | 'Steer' | 'Serve';

export interface CommandDefinition<Input extends z.ZodType> {
  readonly name: string;
  readonly group: CommandGroup;
  /** One line of the help page. */
  readonly summary: string;
  /** `<sync>` is required, `[kind]` is not; each with its description. */
  readonly arguments?: readonly (readonly [name: string, description: string])[];
  readonly options?: readonly (readonly [flags: string, description: string])[];
  /** Shown below the command's own help. */
  readonly examples?: readonly string[];
  /** Arguments and options by name. */
  readonly input: Input;
  /** Does it. @throws CliError, SyncError */
  run(cli: Cli, input: z.output<Input>): Promise<ExitCode>;
}

/** A command as the program registers it. */
export interface RegisteredCommand {
  readonly name: string;
  readonly group: CommandGroup;
  readonly summary: string;
  register(program: Command, shell: Shell, onEnd: (code: ExitCode) => void, onError: (cli: Cli, error: unknown) => Promise<ExitCode>): void;
}

/** Turns a definition into a command: words are parsed, the input is checked, the session is closed at the end. */
export function defineCommand<Input extends z.ZodType>(definition: CommandDefinition<Input>): RegisteredCommand {
  const { name, group, summary } = definition;
  return {
    name,
    group,
    summary,
    register: (program, shell, onEnd, onError) => {
      const command = program.command(name).description(`${summary}.`);
      for (const [word, description] of definition.arguments ?? []) command.argument(word, description);
      for (const [flags, description] of definition.options ?? []) command.option(flags, description);
      if (definition.examples !== undefined) command.addHelpText('after', `\nExamples:\n${definition.examples.map((line) => `  $ ${line}`).join('\n')}`);
      command.addHelpText('after', '\nAs with every command: --project, --profile, --json, --quiet, --yes, --no-color (see "syncline --help").');
      command.action(async () => {
        const cli = new Cli(globalFlagsSchema.parse(command.optsWithGlobals()), shell);
        try {
          onEnd(cli.audit.exitCode(await definition.run(cli, readInput(definition, command))));
        } catch (error) {
          onEnd(await onError(cli, error));
        } finally {
          await cli.session.close();
        }
      });
    },
  };
}

function readInput<Input extends z.ZodType>(definition: CommandDefinition<Input>, command: Command): z.output<Input> {
  const words = command.registeredArguments.map((argument, index): [string, unknown] => [argument.name(), command.processedArgs[index]]);
  const parsed = definition.input.safeParse({ ...command.opts(), ...Object.fromEntries(words) });
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const name = String(issue?.path[0] ?? '');
  const isWord = words.some(([word]) => word === name);
  throw new CliError({
    exitCode: EXIT.usage,
    code: 'USAGE',
    message: `${name === '' ? '' : `${isWord ? name : `--${kebab(name)}`}: `}${issue?.message ?? 'not understood'}. See "${wordsOf(command)} --help".`,
  });
}

/** `syncline connector new` */
export function wordsOf(command: Command): string {
  return command.parent === null ? command.name() : `${wordsOf(command.parent)} ${command.name()}`;
}

function kebab(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** A whole number given as text, within bounds. */
export function wholeNumber(least: number, most: number) {
  const message = `expected a whole number from ${least} to ${most.toLocaleString('en-US')}`;
  return z.coerce.number({ message }).int(message).min(least, message).max(most, message);
}

/** `7d`, `12h`: how long ago, in milliseconds. */
export const agoSchema = z.string().transform((text, context) => {
  const ms = parseDuration(text);
  if (ms !== undefined && ms > 0) return ms;
  context.addIssue({ code: 'custom', message: 'expected a duration such as 7d' });
  return z.NEVER;
});
