import { createHmac, randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pino } from 'pino';
import type { Ledger } from '../../ledger/ledger.ts';
import { openLedger } from '../../ledger/open-ledger.ts';
import { type Listener, type ListenerParts, startListener } from '../../listener/start-listener.ts';

export const CRM_SECRETS = ['hook-secret-that-is-old', 'hook-secret-that-is-new'] as const;
export const HUBSPOT_SECRET = 'hubspot-client-secret';
export const TOKEN = 'api-token-that-is-secret';
export const PUBLIC_URL = 'https://hooks.acme.test';

export const FILES: Readonly<Record<string, string>> = {
  'syncline.yaml': `name: acme\nlisten: { publicUrl: "${PUBLIC_URL}", tokens: ["\${secret:API_TOKEN}"], maxBytes: 100KB }\n`,
  '.env': [
    `CRM_TOKEN=crm-token\nHUBSPOT_TOKEN=hubspot-token\nAPI_TOKEN=${TOKEN}`,
    `CRM_SECRET=${CRM_SECRETS[0]}\nCRM_SECRET_NEW=${CRM_SECRETS[1]}\nHUBSPOT_SECRET=${HUBSPOT_SECRET}\n`,
  ].join('\n'),
  'connections/crm.yaml': `connector: generic-rest
shared: true
baseUrl: http://127.0.0.1:9
auth: { type: bearer, token: "\${secret:CRM_TOKEN}" }
webhooks:
  secrets: ["\${secret:CRM_SECRET}", "\${secret:CRM_SECRET_NEW}"]
  signature: { type: github }
  delivery: "headers.'x-delivery'"
  each: "body.events ? body.events : body"
  events:
    - { when: "event.type = 'changed'", object: contacts, key: event.id, version: event.at, occurredAt: event.at, record: event.record }
    - { when: "event.type = 'gone'", object: contacts, key: event.id, kind: deleted }
    - { when: "event.type = 'elsewhere'", object: invoices, key: event.id }
objects:
  contacts: { primaryKey: id, list: { get: /contacts, records: data }, get: { get: "/contacts/{id}" } }
  invoices: { primaryKey: id, list: { get: /invoices, records: data } }
`,
  'connections/hubspot.yaml': `connector: hubspot
shared: true
baseUrl: http://127.0.0.1:9
auth: { type: bearer, token: "\${secret:HUBSPOT_TOKEN}" }
webhooks: { secrets: ["\${secret:HUBSPOT_SECRET}"], rate: { count: 3, per: 1h } }
`,
  'syncs/contacts.yaml': `source: { connection: crm, object: contacts, events: {} }
target: { connection: hubspot, object: contacts, matchOn: email }
mapping: { email: mail }
`,
  'syncs/people.yaml': `source: { connection: hubspot, object: contacts, events: {} }
target: { connection: hubspot, object: companies, matchOn: domain }
mapping: { domain: email }
`,
};

export interface Told {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** A listener in this process, over a folder and a ledger of its own; nothing is told to Temporal. */
export class Listening {
  readonly directory: string;
  readonly wakes: string[] = [];
  #listener: Listener | undefined;

  private constructor(directory: string) {
    this.directory = directory;
  }

  static async start(files: Readonly<Record<string, string>> = {}, parts: Partial<ListenerParts> = {}): Promise<Listening> {
    const listening = new Listening(makeProject(files));
    try {
      await listening.listen(parts);
    } catch (error) {
      await listening.end();
      throw error;
    }
    return listening;
  }

  /** @param metrics where they are served, host:port */
  async listen(parts: Partial<ListenerParts> = {}, metrics?: string): Promise<void> {
    const settings = {
      project: this.directory,
      profile: undefined,
      host: '127.0.0.1',
      port: 0,
      graceMs: 5_000,
      endsWithParent: false,
      logLevel: 'info' as const,
      ...(metrics === undefined ? {} : { metrics }),
    };
    const log = pino({ enabled: false });
    const sendWake: ListenerParts['sendWake'] = async (_, { sync }) => void this.wakes.push(sync);
    this.#listener = await startListener(settings, { env: {}, log, sendWake, ...parts });
  }

  get listener(): Listener {
    if (this.#listener === undefined) throw new Error('it does not listen');
    return this.#listener;
  }

  get url(): string {
    return this.listener.url;
  }

  /** Of its own connection: what another process would see. */
  async withLedger<Result>(work: (ledger: Ledger) => Promise<Result>): Promise<Result> {
    const ledger = await openLedger({ url: 'sqlite', directory: join(this.directory, '.syncline'), values: 'plain' });
    try {
      return await work(ledger);
    } finally {
      await ledger.close();
    }
  }

  /** Open events of a sync, by key. */
  async due(sync: string) {
    const query = { scope: `acme/dev/${sync}`, limit: 10_000, settleMs: 0, at: Date.now() + 1_000 };
    const { due } = await this.withLedger((ledger) => ledger.listDueEvents(query));
    return due;
  }

  count(name: string, labels: Readonly<Record<string, string>>): number {
    const fits = (own: Readonly<Record<string, string>>) => Object.entries(labels).every(([label, value]) => own[label] === value);
    return this.listener.counts.list().reduce((sum, count) => sum + (count.name === name && fits(count.labels) ? count.value : 0), 0);
  }

  async stop(): Promise<void> {
    await this.#listener?.stop();
    this.#listener = undefined;
  }

  async end(): Promise<void> {
    await this.stop();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

export function makeProject(files: Readonly<Record<string, string>>): string {
  const directory = mkdtempSync(join(tmpdir(), 'syncline-listener-'));
  for (const [file, text] of Object.entries({ ...FILES, ...files })) {
    mkdirSync(dirname(join(directory, file)), { recursive: true });
    writeFileSync(join(directory, file), text);
  }
  return directory;
}

export function signed(body: string | Buffer, secret: string = CRM_SECRETS[0], delivery: string = randomUUID()): Record<string, string> {
  return {
    'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
    'x-delivery': delivery,
    'content-type': 'application/json',
  };
}

/** Exactly these headers, and a connection of its own. */
export function send(
  url: string,
  options: { readonly method?: string; readonly headers?: Record<string, string>; readonly body?: string | Buffer },
): Promise<Told> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { method: options.method ?? 'POST', headers: options.headers ?? {}, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
      response.on('error', reject);
    });
    asked.on('error', reject);
    asked.end(options.body);
  });
}
