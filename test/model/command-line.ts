import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Plan } from '../../client/planning/plan.ts';
import { type RunTotals, ZERO_TOTALS } from '../../engine/outcome.ts';
import type { Program } from '../../scripts/demo/programs.ts';
import { Project } from '../support/project.ts';
import { modelProject, type SyncKind } from './engine.ts';
import type { Engine } from './story.ts';

/** How much later a run is killed for each step of its number. */
const KILL_STEP_MS = 40;
const countsSchema = z.object({
  read: z.number(),
  create: z.number(),
  update: z.number(),
  unchanged: z.number(),
  skipped: z.number(),
  rejected: z.number(),
  held: z.number(),
  delete: z.number(),
});
const planSchema = z.object({ plan: z.object({ counts: countsSchema }) });
const shownSchema = z.object({ run: z.object({ state: z.string(), totals: z.record(z.string(), z.number()) }) });

/** The whole product: its command line, a worker, the Temporal server of the tests. */
export class CommandLineEngine implements Engine {
  readonly #project: Project;
  #worker: Program;

  private constructor(project: Project, worker: Program) {
    this.#project = project;
    this.#worker = worker;
  }

  static async open(url: string, kind: SyncKind): Promise<CommandLineEngine> {
    const { 'syncline.yaml': _, ...files } = modelProject(url, kind);
    const project = await Project.create(files);
    return new CommandLineEngine(project, await project.startWorker());
  }

  async close(): Promise<void> {
    await this.#project.stop();
  }

  async run(): Promise<RunTotals> {
    const { code, stdout, stderr } = await this.#project.cli('run', 'people', '--yes');
    if (code !== 0 && code !== 4) throw new Error(stdout + stderr);
    const shown = await this.#project.cli('show', 'last', '--json');
    return { ...ZERO_TOTALS, ...shownSchema.parse(JSON.parse(shown.stdout)).run.totals };
  }

  /** With SIGKILL; another worker ends the run. */
  async runAndKill(after: number): Promise<void> {
    const run = this.#project.cli('run', 'people', '--yes');
    await sleep(800 + after * KILL_STEP_MS);
    this.#worker.child.kill('SIGKILL');
    this.#worker = await this.#project.startWorker();
    await run;
  }

  async plan(): Promise<Pick<Plan, 'counts'>> {
    const { stdout } = await this.#project.cli('plan', 'people', '--json');
    return planSchema.parse(JSON.parse(stdout)).plan;
  }

  async known(): Promise<undefined> {
    return undefined;
  }
}
