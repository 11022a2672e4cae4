import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const PROGRAM = fileURLToPath(new URL('../../sandbox/main.ts', import.meta.url));
const readySchema = z.object({ ready: z.boolean(), crm: z.string().optional(), hubspot: z.string().optional(), message: z.string().optional() });

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  /** The sandbox's own JSON, looked into by the tests. */
  // biome-ignore lint/suspicious/noExplicitAny: tests read answers of many shapes, and fail where one is not as expected
  readonly body: any;
}

/** The sandbox program, running, spoken to over HTTP. */
export class Sandbox {
  readonly child: ChildProcess;
  readonly crmUrl: string;
  readonly hubspotUrl: string;

  private constructor(child: ChildProcess, crmUrl: string, hubspotUrl: string) {
    this.child = child;
    this.crmUrl = crmUrl;
    this.hubspotUrl = hubspotUrl;
  }

  static async start(...args: string[]): Promise<Sandbox> {
    const child = spawnSandbox('--crm-port', '0', '--hubspot-port', '0', '--latency-ms', '0', '--rate', '100000', ...args);
    const { crm, hubspot, message } = await firstLine(child);
    if (crm === undefined || hubspot === undefined) throw new Error(message);
    return new Sandbox(child, crm, hubspot);
  }

  crm(path: string, method = 'GET', body?: unknown): Promise<Reply> {
    return send(`${this.crmUrl}${path}`, 'crm-dev-token', method, body);
  }

  hubspot(path: string, method = 'GET', body?: unknown, token = 'hubspot-dev-token'): Promise<Reply> {
    return send(`${this.hubspotUrl}${path}`, token, method, body);
  }

  async faults(side: 'crm' | 'hubspot', faults: Readonly<Record<string, unknown>>): Promise<Reply> {
    return send(`${side === 'crm' ? this.crmUrl : this.hubspotUrl}/_sandbox/faults`, '', 'POST', faults);
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.kill('SIGTERM');
    await once(this.child, 'exit');
  }
}

export function spawnSandbox(...args: string[]): ChildProcess {
  return spawn(process.execPath, [PROGRAM, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
}

export async function firstLine(child: ChildProcess): Promise<z.output<typeof readySchema>> {
  if (child.stdout === null) throw new Error('the sandbox has no output');
  for await (const line of createInterface({ input: child.stdout })) return readySchema.parse(JSON.parse(line));
  throw new Error('the sandbox ended without a line');
}

async function send(url: string, token: string, method: string, body: unknown): Promise<Reply> {
  const answer = await fetch(url, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, body: text === '' ? undefined : JSON.parse(text) };
}
