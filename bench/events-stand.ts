import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Program, startProgram, stopProgram } from '../scripts/demo/programs.ts';
import { Sender } from '../test/support/sender.ts';
import { HOOK_SECRET, TellingApi, tellingProject } from '../test/support/telling-api.ts';
import type { Ground } from './ground.ts';

/** A source that sends webhooks, a listener that takes them, a worker that syncs what they name: the programs compiled, real and in processes of their own. */
export class EventsStand {
  readonly api: TellingApi;
  readonly sender: Sender;
  readonly #worker: Program;

  private constructor(api: TellingApi, sender: Sender, worker: Program) {
    this.api = api;
    this.sender = sender;
    this.#worker = worker;
  }

  static async build(ground: Ground, name: string, people: number): Promise<EventsStand> {
    const api = await TellingApi.start(people);
    const directory = join(ground.folder, name);
    const files = { 'syncline.yaml': `name: ${name}\n`, ...tellingProject(api.url, { source: '  events: {}' }) };
    for (const [file, text] of Object.entries(files)) {
      mkdirSync(dirname(join(directory, file)), { recursive: true });
      writeFileSync(join(directory, file), text);
    }
    const env = { TEMPORAL_ADDRESS: ground.address, SYNCLINE_LOG_LEVEL: 'warn', TELLING_SECRET: HOOK_SECRET };
    const args = ['--project', directory, '--end-with-parent'];
    const logFile = join(directory, 'worker.log');
    const worker = await startProgram({ name: 'worker', file: join(ground.program, 'worker/main.js'), args, env, logFile, isDetached: false });
    const sender = await Sender.start({ directory, env, program: join(ground.program, 'listener/main.js') });
    return new EventsStand(api, sender, worker);
  }

  /** Something happens to a person, and the source tells of it. */
  async tell(id: number, deliveryId: string): Promise<void> {
    await this.sender.send({ events: [{ type: 'changed', id }] }, deliveryId);
  }

  async stop(): Promise<void> {
    this.sender.stop();
    await stopProgram(this.#worker);
    await this.api.stop();
  }
}
