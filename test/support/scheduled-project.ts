import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { Client, Connection, type ScheduleDescription } from '@temporalio/client';
import { z } from 'zod';
import { type SyncRef, scheduleId, syncScope } from '../../engine/ids.ts';
import type { Ledger, Run } from '../../ledger/ledger.ts';
import { openLedger } from '../../ledger/open-ledger.ts';
import { Project } from './project.ts';
import { SmallApi, smallProject } from './small-api.ts';
import { testTemporal } from './temporal.ts';

/** The objects that a sync of the small API writes; each sync is named after its own. */
type Name = 'contacts' | 'notes' | 'tasks';
const whereSchema = z.object({ project: z.string(), profile: z.string() });

/** Syncs of one small API, with their schedules applied, a worker at work, and a look at schedules and runs that costs no process. */
export class ScheduledProject {
  readonly api: SmallApi;
  readonly project: Project;
  readonly #where: Pick<SyncRef, 'project' | 'profile'>;
  readonly #client: Client;
  readonly #ledger: Ledger;

  private constructor(api: SmallApi, project: Project, where: Pick<SyncRef, 'project' | 'profile'>, client: Client, ledger: Ledger) {
    this.api = api;
    this.project = project;
    this.#where = where;
    this.#client = client;
    this.#ledger = ledger;
  }

  static async start(context: TestContext, schedules: Readonly<Partial<Record<Name, string>>>, address?: string): Promise<ScheduledProject> {
    const api = await SmallApi.start(5);
    const { 'connections/small.yaml': connection = '', 'syncs/people.yaml': sync = '' } = smallProject(api.url, {
      source: '  incremental: { cursorField: updated_at }',
    });
    const syncs = Object.entries(schedules).map(([object, schedule]) => [
      `syncs/${object}.yaml`,
      `${sync.replace('object: contacts', `object: ${object}`)}schedule: ${schedule}\n`,
    ]);
    const temporal = address ?? (await testTemporal()).address;
    const project = await Project.create({ 'connections/small.yaml': connection, ...Object.fromEntries(syncs) }, { TEMPORAL_ADDRESS: temporal });
    const where = whereSchema.parse((await project.startWorker()).ready);
    const connected = await Connection.connect({ address: temporal });
    const ledger = await openLedger({ url: 'sqlite', directory: join(project.directory, '.syncline'), values: 'plain' });
    const started = new ScheduledProject(api, project, where, new Client({ connection: connected }), ledger);
    context.after(async () => {
      await started.#end(Object.keys(schedules));
      await connected.close();
    });
    await started.cli('schedule', 'apply', '--yes');
    return started;
  }

  /** @throws where it does not end well */
  async cli(...args: string[]): Promise<void> {
    const { code, stdout, stderr } = await this.project.cli(...args);
    assert.equal(code, 0, stdout + stderr);
  }

  async schedule(sync: string): Promise<ScheduleDescription> {
    return this.#client.schedule.getHandle(scheduleId(this.#ref(sync))).describe();
  }

  /** For when each of the latest that the schedule started was due, in milliseconds since the epoch. */
  async actions(sync: string): Promise<readonly number[]> {
    return (await this.schedule(sync)).info.recentActions.map(({ scheduledAt }) => scheduledAt.getTime());
  }

  /** Newest first. */
  runs(sync: string): Promise<readonly Run[]> {
    return this.#ledger.listRuns(syncScope(this.#ref(sync)), 100);
  }

  /** From here on a run stays alive, whatever time passes, as the API asks it to wait. */
  hold(): void {
    this.api.admit = () => ({ status: 429, headers: { 'retry-after': '1' } });
  }

  letGo(): void {
    this.api.admit = () => undefined;
  }

  #ref(sync: string) {
    return { ...this.#where, sync };
  }

  /** A schedule outlives its project where the server is shared by all tests. */
  async #end(syncs: readonly string[]): Promise<void> {
    this.letGo();
    for (const sync of syncs)
      await this.#client.schedule
        .getHandle(scheduleId(this.#ref(sync)))
        .delete()
        .catch(() => undefined);
    await this.project.stop();
    await this.#ledger.close();
    await this.api.stop();
  }
}
