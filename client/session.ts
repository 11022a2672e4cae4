import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Connections } from '../connectors/ports.ts';
import type { SyncRef } from '../engine/ids.ts';
import { didYouMean } from '../engine/suggest.ts';
import { processActor } from '../ledger/audit/process-actor.ts';
import type { AuditSource, Ledger } from '../ledger/ledger.ts';
import type { LedgerOptions } from '../ledger/open-ledger.ts';
import { CliError } from './cli-error.ts';
import { EXIT } from './exit-codes.ts';
import type { Output } from './output/output.ts';
import { stateDirectory } from './programs/dev-lock.ts';
import { openProject, type Project } from './project.ts';
import { connectTemporal, type Temporal } from './temporal/connect.ts';

export interface SessionOptions {
  /** The folder that the command was typed in. */
  readonly from: string;
  /** The project folder as told; absent: the nearest one upwards. */
  readonly directory: string | undefined;
  readonly profile: string | undefined;
  readonly env: NodeJS.ProcessEnv;
  readonly out: Output;
  /** How the audit log names the way in which something was asked for. @default 'cli' */
  readonly way?: AuditSource['way'];
  /** @default in this thread */
  readonly openLedger?: (options: LedgerOptions) => Promise<Ledger>;
}

/** The project a command works on, its ledger and its Temporal server: each opened when first asked for, all closed at the end. */
export class Session {
  readonly #options: SessionOptions;
  #project: Promise<Project> | undefined;
  #ledger: Promise<Ledger> | undefined;
  #temporal: Promise<Temporal> | undefined;
  #connections: Promise<Connections> | undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  /** @throws CliError where there is no project */
  get directory(): string {
    const { from, directory } = this.#options;
    if (directory === undefined) return findProject(from);
    const folder = resolve(from, directory);
    if (existsSync(join(folder, 'syncline.yaml'))) return folder;
    throw noProject(`There is no syncline.yaml in ${folder}.`);
  }

  /** @throws CliError where syncline.yaml itself cannot be used; mistakes elsewhere are in the project */
  project(): Promise<Project> {
    this.#project ??= openProject({ directory: this.directory, profile: this.#options.profile, env: this.#options.env }).then((project) => {
      this.#options.out.redactWith(project.redact);
      return project;
    });
    return this.#project;
  }

  /** @throws CliError where the project has no sync of this name; with what was probably meant */
  async sync(name: string): Promise<SyncRef> {
    const project = await this.project();
    const names = project.syncNames;
    if (!names.includes(name)) {
      const known = names.length === 0 ? 'It has none yet.' : `It has: ${names.join(', ')}.`;
      throw new CliError({ exitCode: EXIT.usage, code: 'UNKNOWN_SYNC', message: `${project.name} has no sync "${name}"${didYouMean(name, names)}. ${known}` });
    }
    return { project: project.name, profile: project.profile, sync: name };
  }

  async ledger(): Promise<Ledger> {
    const [project, actor] = [await this.project(), await this.actor()];
    this.#ledger ??= openTheLedger(project, actor, this.#options.openLedger);
    return this.#ledger;
  }

  /** Who does what this command does, in the audit log. */
  async actor(): Promise<AuditSource> {
    const { name, profile } = await this.project();
    return { ...processActor(this.#options.env), way: this.#options.way ?? 'cli', project: name, profile };
  }

  /** Who asks again, after none has answered, has it tried again. @throws CliError (exit 5) where none answers */
  temporal(): Promise<Temporal> {
    this.#temporal ??= this.project()
      .then(({ payloadKeys }) => connectTemporal({ project: this.directory, payloadKeys, env: this.#options.env }))
      .catch((error: unknown) => {
        this.#temporal = undefined;
        throw error;
      });
    return this.#temporal;
  }

  /** Open connections to the APIs, for what reads or sets up; all else that touches an API is a workflow. */
  async connections(): Promise<Connections> {
    const project = await this.project();
    const ledger = await this.ledger();
    this.#connections ??= import('../connectors/open-connections.ts').then(({ openConnections }) =>
      openConnections({ resolveSecrets: project.resolveSecrets, directory: project.directory, tokens: ledger }),
    );
    return this.#connections;
  }

  async close(): Promise<void> {
    await this.#connections?.then((connections) => connections.close()).catch(() => undefined);
    await this.#temporal?.then((temporal) => temporal.close()).catch(() => undefined);
    await this.#ledger?.then((ledger) => ledger.close()).catch(() => undefined);
  }
}

async function openTheLedger(project: Project, opener: AuditSource, open: SessionOptions['openLedger']): Promise<Ledger> {
  const openLedger = open ?? (await import('../ledger/open-ledger.ts')).openLedger;
  return openLedger({ ...project.ledger, directory: stateDirectory(project.directory), opener });
}

function findProject(from: string): string {
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'syncline.yaml'))) return folder;
    if (dirname(folder) === folder) throw noProject(`There is no syncline.yaml in ${from} or above it.`);
  }
}

function noProject(what: string): CliError {
  return new CliError({
    exitCode: EXIT.usage,
    code: 'NO_PROJECT',
    message: `${what} Make a project with "syncline init my-project", or name one with --project.`,
  });
}
