import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { secretNames, settingNames } from '../../definition/secrets.ts';
import { writeYaml, type YamlEntry } from '../../definition/write-yaml.ts';
import type { Cli } from '../cli.ts';
import { CliError } from '../cli-error.ts';
import { EXIT } from '../exit-codes.ts';

/** What is to be written, whatever it was guessed from. */
export interface ConnectorDraft {
  readonly name: string;
  /** What it was made of, for its reader. */
  readonly origin: string;
  readonly entries: readonly YamlEntry[];
}

export interface WrittenConnector {
  /** From the project folder. */
  readonly files: readonly string[];
  /** Values that wait for a look. */
  readonly guesses: number;
  /** Names that the connector refers to: secrets, and settings that only its user knows. */
  readonly secrets: readonly string[];
}

/** @throws CliError where the project has such a connector */
export function requireFree(cli: Cli, name: string): void {
  const file = `connectors/${name}.yaml`;
  if (!existsSync(join(cli.session.directory, file))) return;
  throw new CliError({ exitCode: EXIT.usage, code: 'USAGE', message: `${file} is there already: choose another name, or remove it first.` });
}

/** Writes a connector, and a connection that uses it where there is none of that name. */
export function writeConnector(cli: Cli, { name, origin, entries }: ConnectorDraft, profile: string): WrittenConnector {
  const directory = cli.session.directory;
  const head = [
    'yaml-language-server: $schema=../.syncline/schema/connector.json',
    `Made by "syncline connector new" from ${origin}.`,
    'What was guessed says so: look at it, then take the mark away. Limits are not known: "syncline connector probe" reads them from answers.',
  ];
  const connector = [`connectors/${name}.yaml`, writeYaml(head, entries)] as const;
  const connection = [`connections/${name}.yaml`, connectionText(name, profile)] as const;
  const files = existsSync(join(directory, connection[0])) ? [connector] : [connector, connection];
  for (const [file, text] of files) {
    mkdirSync(dirname(join(directory, file)), { recursive: true });
    writeFileSync(join(directory, file), text, { flag: 'wx' });
  }
  return {
    files: files.map(([file]) => file),
    guesses: entries.filter(({ comment }) => comment !== undefined).length,
    secrets: [...new Set(entries.flatMap(({ value }) => [...secretNames(value), ...settingNames(value)]))],
  };
}

function connectionText(name: string, profile: string): string {
  return `# yaml-language-server: $schema=../.syncline/schema/connection.json
connector: ${name}
profiles:
  ${profile}: {} # the address and credentials of the connector; give other profiles their own baseUrl and auth
`;
}
