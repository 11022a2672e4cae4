import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Program } from '../../scripts/demo/programs.ts';
import type { CommandResult } from '../support/command-line.ts';
import { Project } from '../support/project.ts';
import { SmallApi, smallProject } from '../support/small-api.ts';

/** What a person gets to read, on one line, and the exit code. */
export interface Told {
  readonly text: string;
  readonly exit: number;
}

/** An API, a project with several syncs on it, and a worker, on which the scenarios are played one after the other. */
export class Stage {
  readonly api: SmallApi;
  readonly project: Project;
  readonly worker: Program;
  readonly #files: Readonly<Record<string, string>>;
  /** By the scenario on stage. */
  readonly #written = new Set<string>();

  private constructor(parts: { api: SmallApi; project: Project; worker: Program; files: Readonly<Record<string, string>> }) {
    this.api = parts.api;
    this.project = parts.project;
    this.worker = parts.worker;
    this.#files = parts.files;
  }

  static async open(): Promise<Stage> {
    const api = await SmallApi.start(60);
    const files = smallProject(api.url, { connection: 'timeouts: { request: 2s }' });
    const project = await Project.create(files);
    const worker = await project.startWorker();
    return new Stage({ api, project, worker, files });
  }

  async close(): Promise<void> {
    await this.project.stop();
    await this.api.stop();
  }

  /** A sync of its own, so that no scenario meets what another has left: as `people`, with changes. */
  sync(name: string, change: (text: string) => string = (text) => text): void {
    this.write(`syncs/${name}.yaml`, change(this.#files['syncs/people.yaml'] ?? ''));
  }

  /** A connection beside `small`, to the same API. */
  connection(name: string, change: (text: string) => string): void {
    this.write(`connections/${name}.yaml`, change(this.#files['connections/small.yaml'] ?? ''));
  }

  write(file: string, text: string): void {
    this.project.write(file, text);
    this.#written.add(join(this.project.directory, file));
  }

  async cli(...args: string[]): Promise<Told> {
    return told(await this.project.cli(...args));
  }

  run(sync: string, ...flags: string[]): Promise<Told> {
    return this.cli('run', sync, '--yes', ...flags);
  }

  /** The API is itself again, and the project as it was. */
  reset(): void {
    for (const file of this.#written) rmSync(file, { force: true });
    this.#written.clear();
    this.heal();
  }

  /** The API is itself again. */
  heal(): void {
    Object.assign(this.api, { admit: () => undefined, refuse: () => undefined, shown: (person: object) => person, stalls: false });
  }
}

export function told({ code, stdout, stderr }: CommandResult): Told {
  return { text: `${stdout} ${stderr}`.replaceAll(/\s+/g, ' '), exit: code };
}
