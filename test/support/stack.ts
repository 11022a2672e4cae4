import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { readOptions } from '../../sandbox/options.ts';
import { type Sandbox, startSandbox } from '../../sandbox/start-sandbox.ts';
import { Project } from './project.ts';

const EXAMPLE = fileURLToPath(new URL('../../examples/crm-to-hubspot', import.meta.url));
const stateSchema = z.object({ counts: z.record(z.string(), z.number()), writes: z.number() });

/** The example project with its sandbox. */
export class Stack {
  readonly project: Project;
  readonly crm: string;
  readonly hubspot: string;
  readonly #sandbox: Sandbox;

  private constructor(project: Project, sandbox: Sandbox) {
    this.project = project;
    this.crm = sandbox.crm;
    this.hubspot = sandbox.hubspot;
    this.#sandbox = sandbox;
  }

  static async start(sandboxArgs: readonly string[] = []): Promise<Stack> {
    const files = Object.fromEntries(exampleFiles().map((file) => [file, readFileSync(join(EXAMPLE, file), 'utf8')]));
    const args = ['--crm-port', '0', '--hubspot-port', '0', '--latency-ms', '1', '--rate', '500', ...sandboxArgs];
    const project = await Project.create(files, { CRM_TOKEN: 'crm-dev-token', HUBSPOT_TOKEN: 'hubspot-dev-token' });
    const sandbox = await startSandbox(readOptions(args));
    Object.assign(project.env, { SANDBOX_CRM_URL: sandbox.crm, SANDBOX_HUBSPOT_URL: sandbox.hubspot });
    project.edit('connections/hubspot.yaml', (text) => text.replace('count: 5, per: 1s', 'count: 200, per: 1s'));
    return new Stack(project, sandbox);
  }

  /** What the sandbox's HubSpot holds and was asked. */
  async hubspotState(): Promise<z.output<typeof stateSchema>> {
    return stateSchema.parse(await (await fetch(`${this.hubspot}/_sandbox/state`)).json());
  }

  async setFaults(side: 'crm' | 'hubspot', faults: Readonly<Record<string, unknown>>): Promise<void> {
    const answer = await fetch(`${this[side]}/_sandbox/faults`, { method: 'POST', body: JSON.stringify(faults) });
    if (!answer.ok) throw new Error(`the sandbox refused the faults: ${await answer.text()}`);
  }

  /** A request to the sandbox's HubSpot, as others make them. @returns the body of its answer, if it has one */
  async askHubspot(method: string, path: string, body?: unknown): Promise<unknown> {
    const headers = { authorization: 'Bearer hubspot-dev-token', 'content-type': 'application/json' };
    const answer = await fetch(`${this.hubspot}${path}`, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.status === 204 ? undefined : answer.json();
  }

  /** A request to the CRM. @returns the body of its answer, if it has one */
  async askCrm(method: string, path: string, body?: unknown): Promise<unknown> {
    const headers = { authorization: 'Bearer crm-dev-token', 'content-type': 'application/json' };
    const answer = await fetch(`${this.crm}/v2/contacts${path}`, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.status === 204 ? undefined : answer.json();
  }

  /** Changes a contact in the CRM. */
  async changeContact(id: string, change: Readonly<Record<string, string>>): Promise<void> {
    await this.askCrm('PATCH', `/${id}`, change);
  }

  async stop(): Promise<void> {
    await this.project.stop();
    await this.#sandbox.stop();
  }
}

/** All but its name, which is the test's own, and what a demo left there. */
function exampleFiles(): readonly string[] {
  const found = readdirSync(EXAMPLE, { recursive: true, encoding: 'utf8' });
  return found.filter((file) => file.endsWith('.yaml') && file !== 'syncline.yaml' && !file.startsWith('.syncline') && statSync(join(EXAMPLE, file)).isFile());
}
