import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import type { Temporal } from '../../client/temporal/connect.ts';
import type { Program } from '../../scripts/demo/programs.ts';
import { changedBundle } from '../support/changed-bundle.ts';
import { Project } from '../support/project.ts';
import { SmallApi, smallProject } from '../support/small-api.ts';
import { testTemporal } from '../support/temporal.ts';
import { until } from '../support/until.ts';

export const PEOPLE = 120;

/** What Temporal wrote down of a run, in its last execution. */
export interface Trace {
  readonly status: string;
  /** Builds that did its workflow tasks, in turn. */
  readonly builds: readonly string[];
  /** Process ids of the workers that did its steps. */
  readonly pids: readonly number[];
  /** It took the step that only build 2 has. */
  readonly isPatched: boolean;
}

let changed: Promise<string> | undefined;

/** A project with workers of two builds, of which the second has a changed workflow, and an API that keeps whoever asks for the second page waiting until it is let. */
export class TwoBuilds {
  readonly api: SmallApi;
  readonly project: Project;
  readonly temporal: Temporal;
  readonly place: { readonly project: string; readonly profile: string };
  readonly #bundle: string;
  #gate = Promise.withResolvers<undefined>();
  #waiting = 0;

  private constructor(api: SmallApi, project: Project, temporal: Temporal) {
    this.api = api;
    this.project = project;
    this.temporal = temporal;
    this.place = { project: `e2e-${project.directory.slice(-6).toLowerCase()}`, profile: 'dev' };
    this.#bundle = mkdtempSync(join(tmpdir(), 'syncline-build-2-'));
    api.admit = async ({ url }) => {
      if (!url?.includes('after=50')) return undefined;
      this.#waiting += 1;
      return this.#gate.promise;
    };
  }

  static async create(versioning: 'pinned' | 'auto-upgrade', more: Readonly<Record<string, string>> = {}): Promise<TwoBuilds> {
    const api = await SmallApi.start(PEOPLE);
    const project = await Project.create({ ...smallProject(api.url), ...more }, { SYNCLINE_VERSIONING: versioning });
    const { address } = await testTemporal();
    const connection = await Connection.connect({ address });
    return new TwoBuilds(api, project, { client: new Client({ connection }), address, namespace: 'default', close: () => connection.close() });
  }

  /** @param queues of connections, as SYNCLINE_QUEUES has them */
  async startBuild(build: 1 | 2, queues = ''): Promise<Program> {
    Object.assign(this.project.env, { SYNCLINE_BUILD_ID: String(build), SYNCLINE_QUEUES: queues });
    if (build === 2) this.project.env['SYNCLINE_WORKFLOW_BUNDLE'] = await this.#bundleOfBuild2();
    return this.project.startWorker();
  }

  /** One step more before the books are closed, as an upgrade would bring it. */
  async #bundleOfBuild2(): Promise<string> {
    const file = join(this.#bundle, 'workflow-bundle.js');
    changed ??= changedBundle('settle.ts', [
      ['import { allHandlersFinished,', 'import { patched, sleep, allHandlersFinished,'],
      ["run.enter('settling');", "if (patched('roll-out')) await sleep(1);\n  run.enter('settling');"],
    ]);
    writeFileSync(file, await changed);
    return file;
  }

  /** A command that is to end well. @returns what it printed */
  async cli(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.project.cli(...args, '--yes');
    assert.equal(code, 0, `${args.join(' ')}: ${stdout}${stderr}`);
    return stdout;
  }

  /** Which runs are alive, Temporal's visibility store knows a moment later. */
  untilSaid(what: RegExp, ...args: string[]): Promise<void> {
    return until(`${args.join(' ')} to say ${what}`, async () => what.test(await this.cli(...args)));
  }

  untilHeld(): Promise<void> {
    return until('the second page to be asked for', () => this.#waiting > 0);
  }

  letGo(): void {
    this.#gate.resolve(undefined);
  }

  holdAgain(): void {
    this.#gate = Promise.withResolvers();
    this.#waiting = 0;
  }

  /** Once its workflow has ended. */
  async traceOf(kindAndName: string): Promise<Trace> {
    const [kind, name] = kindAndName.split('/');
    const { project, profile } = this.place;
    const handle = this.temporal.client.workflow.getHandle([kind, project, profile, ...(name ? [name] : [])].join('/'));
    await until(`${kindAndName} to end`, async () => (await handle.describe()).status.name !== 'RUNNING');
    const { events } = await handle.fetchHistory();
    const all = events ?? [];
    const tasks = all.flatMap(({ workflowTaskCompletedEventAttributes: task }) => task?.deploymentVersion?.buildId ?? []);
    const steps = all.flatMap(({ activityTaskStartedEventAttributes: step }) => (step?.identity ? [Number.parseInt(step.identity, 10)] : []));
    return {
      status: (await handle.describe()).status.name,
      builds: tasks.filter((build, index) => build !== tasks[index - 1]),
      pids: [...new Set(steps)],
      isPatched: all.some(({ markerRecordedEventAttributes: marker }) => marker?.markerName === 'core_patch'),
    };
  }

  async stop(): Promise<void> {
    this.letGo();
    await this.project.stop();
    await this.api.stop();
    await this.temporal.close();
    rmSync(this.#bundle, { recursive: true, force: true });
  }
}
