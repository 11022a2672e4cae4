import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { loadProject } from '../../definition/load-project.ts';
import { resolveSync } from '../../definition/resolve-sync.ts';
import { InProcessEngine } from '../model/engine.ts';

type Fields = Record<string, unknown>;
const bodySchema = z.object({ items: z.array(z.record(z.string(), z.unknown())) });

/** People at one side, contacts at the other, each with an id and whatever fields it was given; a test edits both. */
export class ContactsApi {
  people: Fields[] = [];
  contacts: Fields[] = [];
  /** What was written, oldest first. */
  writes: Fields[] = [];
  #lastId = 0;
  #url = '';
  readonly #server: Server = createServer((request, response) => void this.#answer(request, response));

  static async start(): Promise<ContactsApi> {
    const api = new ContactsApi();
    api.#server.listen(0, '127.0.0.1');
    await once(api.#server, 'listening');
    const address = api.#server.address();
    if (typeof address === 'object' && address !== null) api.#url = `http://127.0.0.1:${address.port}`;
    return api;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** A sync of one person to contacts, matched by e-mail, with these rules; what is there is forgotten. */
  async open(rules: string, { person, kinds = ['upsert', 'update'] }: { person: Fields; kinds?: readonly string[] }): Promise<InProcessEngine> {
    [this.people, this.contacts, this.writes] = [[{ id: 1, ...person }], [], []];
    const directory = mkdtempSync(join(tmpdir(), 'syncline-contacts-'));
    try {
      for (const [file, text] of Object.entries(this.#project(rules, kinds))) {
        mkdirSync(dirname(join(directory, file)), { recursive: true });
        writeFileSync(join(directory, file), text);
      }
      return await InProcessEngine.open(resolveSync(loadProject(directory, { env: {} }), 'people'), directory);
    } finally {
      rmSync(directory, { recursive: true });
    }
  }

  #project(rules: string, kinds: readonly string[]): Readonly<Record<string, string>> {
    const results = 'results: { at: results, by: index, id: id, created: created, error: error, status: status }';
    const recordOf = (kind: string) => (kind === 'update' || kind === 'delete' ? `record: "{$merge([fields, {'id': id}])}", ` : '');
    const write = (kind: string) => `    ${kind}: { post: /contacts/${kind}, ${recordOf(kind)}applyDelay: 0s, body: { items: "{records}" }, ${results} }`;
    return {
      'syncline.yaml': 'name: contacts\n',
      'connections/world.yaml': `
connector: generic-rest
shared: true
baseUrl: ${this.#url}
objects:
  people:
    list: { get: /people, records: $, page: { type: none } }
    get: { get: "/people/{id}" }
  contacts:
    get: { get: "/contacts/{id}" }
    list: { get: /contacts, records: $, page: { type: none } }
    search: { get: /search, query: { emails: "{$join(keys, ',')}" }, records: $, max: 50 }
${kinds.map(write).join('\n')}
`,
      'syncs/people.yaml': `
source: { connection: world, object: people, primaryKey: id }
${rules}
guard: { maxRejectedPercent: 100, maxDeletes: 100, maxDeletedPercent: 100 }
`,
    };
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece);
    const url = new URL(request.url ?? '', this.#url);
    const [, list = '', rest] = url.pathname.split('/');
    const records = list === 'people' ? this.people : this.contacts;
    if (list === 'search') {
      const emails = url.searchParams.get('emails')?.split(',') ?? [];
      return send(
        response,
        records.filter(({ email }) => emails.includes(String(email))),
      );
    }
    if (request.method === 'GET' && rest === undefined) return send(response, records);
    if (request.method === 'GET') {
      const found = records.find(({ id }) => String(id) === rest);
      return send(response, found ?? {}, found === undefined ? 404 : 200);
    }
    const { items } = bodySchema.parse(JSON.parse(Buffer.concat(pieces).toString()));
    send(response, { results: items.map((item) => this.#write(rest ?? '', item)) });
  }

  #write(kind: string, item: Fields): unknown {
    this.writes.push({ kind, ...item });
    const known = this.contacts.find(({ id, email }) => (kind === 'upsert' ? email === item['email'] : id === item['id']));
    if (known === undefined && kind !== 'upsert' && kind !== 'create') return { error: 'no such contact', status: 404 };
    if (kind === 'delete') this.contacts = this.contacts.filter((contact) => contact !== known);
    else if (known !== undefined) return { id: Object.assign(known, item, { id: known['id'] })['id'], created: false };
    else {
      this.#lastId += 1;
      this.contacts.push({ ...item, id: `c${this.#lastId}` });
      return { id: `c${this.#lastId}`, created: true };
    }
    return { id: item['id'] };
  }
}

function send(response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
