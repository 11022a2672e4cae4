import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type CommandResult, runCommandLine } from '../support/command-line.ts';

const MAIN = fileURLToPath(new URL('../../client/main.ts', import.meta.url));

export const TOKEN = 'crm-token-that-is-secret';

const FILES: Readonly<Record<string, string>> = {
  'syncline.yaml': 'name: acme\ndefaultProfile: dev\n',
  '.env': `CRM_TOKEN=${TOKEN}\nHUBSPOT_TOKEN=hubspot-token-that-is-secret\n`,
  'connections/crm.yaml': `connector: generic-rest
profiles:
  dev:
    baseUrl: "\${env:CRM_URL:-http://127.0.0.1:9}"
    auth: { type: bearer, token: "\${secret:CRM_TOKEN}" }
objects:
  contacts:
    primaryKey: id
    list: { get: /contacts, records: data, page: { type: none } }
`,
  'connections/hubspot.yaml': `connector: hubspot
profiles:
  dev:
    baseUrl: "\${env:HUBSPOT_URL:-http://127.0.0.1:9}"
    auth: { type: bearer, token: "\${secret:HUBSPOT_TOKEN}" }
`,
  'syncs/contacts-to-hubspot.yaml': `source: { connection: crm, object: contacts }
target: { connection: hubspot, object: contacts, matchOn: email }
mapping:
  email: { from: mail, type: email, required: true }
  firstname: first_name
  phone: { from: phone, sensitive: true }
`,
};

/** A project folder of its own, and the real command line in it. */
export class TestProject {
  readonly directory = mkdtempSync(join(tmpdir(), 'syncline-cli-'));

  constructor(files: Readonly<Record<string, string>> = {}) {
    for (const [file, text] of Object.entries({ ...FILES, ...files })) this.write(file, text);
  }

  write(file: string, text: string): void {
    const path = join(this.directory, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }

  /** Runs a command in it, without a terminal. */
  cli(words: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<CommandResult> {
    return runCommandLine(words, { directory: this.directory, env: surroundings(this.directory, env) });
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

export interface CliOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** @default the program itself */
  readonly nodeArguments?: readonly string[];
}

/** Without what the surroundings of the test say of Temporal, projects and colours. */
function surroundings(directory: string, env: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(TEMPORAL_|SYNCLINE_|NO_COLOR|FORCE_COLOR|NODE_)/.test(name));
  return { ...Object.fromEntries(kept), TEMPORAL_CONFIG_FILE: join(directory, 'no-temporal.toml'), ...env };
}

/** The real program in a process of its own. */
export async function runCli(words: readonly string[], options: CliOptions): Promise<CommandResult> {
  const child = spawn(process.execPath, [...(options.nodeArguments ?? [MAIN]), ...words], {
    cwd: options.cwd,
    env: surroundings(options.cwd, options.env),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
  const code = await new Promise<number>((resolve) => child.once('close', (exit) => resolve(exit ?? -1)));
  return { code, stdout, stderr };
}
