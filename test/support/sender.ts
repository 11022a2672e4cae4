import { createHmac } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { type Program, startProgram } from '../../scripts/demo/programs.ts';
import { HOOK_SECRET } from './telling-api.ts';
import { PATIENCE_MS } from './until.ts';

export interface SenderPlace {
  readonly directory: string;
  readonly env: Readonly<Record<string, string>>;
  /** Of the listener. @default the one of this repository, as it is */
  readonly program?: string;
}

/** Sends webhooks to a listener of its own, as a vendor does: what is not answered with 2xx is sent again, with the same id. */
export class Sender {
  /** Deliveries that were answered with 2xx. */
  acknowledged = 0;
  /** Requests that were not. */
  refused = 0;
  readonly #place: SenderPlace;
  #listener: Program | undefined;
  #url = '';

  private constructor(place: SenderPlace) {
    this.#place = place;
  }

  static async start(place: SenderPlace): Promise<Sender> {
    const sender = new Sender(place);
    await sender.#listen();
    return sender;
  }

  /** The listener dies, and another begins. */
  async killListener(): Promise<void> {
    this.#listener?.child.kill('SIGKILL');
    await this.#listen();
  }

  stop(): void {
    this.#listener?.child.kill('SIGKILL');
  }

  /** @throws Error where it is not acknowledged in five minutes */
  async send(body: object, deliveryId: string): Promise<void> {
    const text = JSON.stringify(body);
    const signature = `sha256=${createHmac('sha256', HOOK_SECRET).update(text).digest('hex')}`;
    const headers = { 'content-type': 'application/json', 'x-hub-signature-256': signature, 'x-delivery': deliveryId };
    for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await sleep(50)) {
      const answer = await fetch(`${this.#url}/webhooks/telling`, { method: 'POST', headers, body: text }).catch(() => undefined);
      await answer?.arrayBuffer().catch(() => undefined);
      if (answer?.ok === true) {
        this.acknowledged += 1;
        return;
      }
      this.refused += 1;
    }
    throw new Error('a delivery was not acknowledged in five minutes');
  }

  async #listen(): Promise<void> {
    const { directory, env, program = fileURLToPath(new URL('../../listener/main.ts', import.meta.url)) } = this.#place;
    const args = ['--project', directory, '--port', '0', '--end-with-parent'];
    const logFile = join(directory, '.syncline/logs/listener.log');
    this.#listener = await startProgram({ name: 'listener', file: program, args, env, logFile, isDetached: false });
    this.#url = z.object({ url: z.string() }).parse(this.#listener.ready).url;
  }
}
