import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { describe, it, type TestContext } from 'node:test';
import { z } from 'zod';
import { Project } from '../support/project.ts';

const PEOPLE = 12;
const fieldsSchema = z.object({ email: z.string().optional(), name: z.string().optional(), note: z.string().optional() });

interface Contact {
  readonly id: number;
  readonly email: string;
  readonly name: string;
  readonly note: string;
  readonly version: number;
}

/** Contacts that are changed only by who names the version that is there. Others edit them at the worst moment: after they were found, before they are written. */
class VersionedApi {
  readonly people = new Map(Array.from({ length: PEOPLE }, (_, index) => [index + 1, `Person ${index + 1}`]));
  readonly contacts = new Map<string, Contact>();
  readonly refused: string[] = [];
  /** Others' next edits of a contact, each made right after it was found. */
  readonly edits = new Map<string, Partial<Contact>[]>();
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const address = this.#server.address();
    return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  edit(email: string, change: Partial<Contact>): void {
    const contact = this.contacts.get(email);
    if (contact !== undefined) this.contacts.set(email, { ...contact, ...change, version: contact.version + 1 });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    const text = Buffer.concat(chunks).toString();
    const { status, body } = this.#respond(request, url, text === '' ? {} : fieldsSchema.parse(JSON.parse(text)));
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  }

  #respond({ method, headers }: IncomingMessage, url: URL, fields: z.output<typeof fieldsSchema>): { readonly status: number; readonly body: unknown } {
    if (url.pathname === '/people') {
      return { status: 200, body: [...this.people].map(([id, name]) => ({ id, mail: `p${id}@example.test`, name })) };
    }
    if (method === 'GET') {
      const email = url.searchParams.get('email') ?? '';
      const found = this.contacts.get(email);
      const body = found === undefined ? [] : [{ ...found, version: `"${found.version}"` }];
      const edit = this.edits.get(email)?.shift();
      if (edit !== undefined) this.edit(email, edit);
      return { status: 200, body };
    }
    if (method === 'POST') {
      const { email = '', name = '' } = fields;
      const contact = { id: this.contacts.size + 1, email, name, note: '', version: 1 };
      this.contacts.set(email, contact);
      return { status: 201, body: contact };
    }
    const known = [...this.contacts.values()].find(({ id }) => url.pathname === `/contacts/${id}`);
    if (known === undefined) return { status: 404, body: { message: 'no such contact' } };
    if (headers['if-match'] !== `"${known.version}"`) {
      this.refused.push(known.email);
      return { status: 412, body: { message: 'it has another version' } };
    }
    this.edit(known.email, { ...(fields.name === undefined ? {} : { name: fields.name }) });
    return { status: 200, body: this.contacts.get(known.email) };
  }
}

const definitions = (baseUrl: string, conflict: string) => ({
  'connections/versioned.yaml': `
connector: generic-rest
shared: true
baseUrl: ${baseUrl}
objects:
  people: { list: { get: /people, records: $ } }
  contacts:
    search: { get: /contacts, query: { email: "{key}" }, records: $, max: 1, etag: record.version }
    create: { post: /contacts, applyDelay: 1s }
    update: { patch: "/contacts/{id}", headers: { If-Match: "{etag}" }, applyDelay: 1s }
`,
  'syncs/people.yaml': `
source: { connection: versioned, object: people }
target: { connection: versioned, object: contacts, matchOn: email }
mapping:
  email: { from: mail, type: email, required: true }
  name: name
${conflict}`,
});

async function begin(context: TestContext, conflict = '') {
  const api = new VersionedApi();
  const project = await Project.create(definitions(await api.listen(), conflict));
  context.after(async () => {
    await project.stop();
    api.close();
  });
  await project.startWorker();
  const run = async () => {
    const { code, stdout, stderr } = await project.cli('run', 'people', '--yes');
    return { code, text: stdout + stderr };
  };
  assert.equal((await run()).code, 0);
  assert.equal(api.contacts.size, PEOPLE);
  return { api, run };
}

describe('a target with versions of its records (ETag, If-Match)', { concurrency: 3 }, () => {
  it('is written over no version that was not read: a 412 is read again, and no error', async (context) => {
    const { api, run } = await begin(context);
    for (const id of [3, 4, 5]) api.people.set(id, `Renamed ${id}`);
    api.edits.set('p4@example.test', [{ note: 'by others' }, { note: 'by others again' }]);
    const second = await run();
    assert.equal(second.code, 0, second.text);
    assert.match(second.text, /updated\s+3\b/);
    assert.deepEqual(api.refused, ['p4@example.test', 'p4@example.test']);
    const { name, note } = api.contacts.get('p4@example.test') ?? {};
    assert.deepEqual([name, note], ['Renamed 4', 'by others again']);
  });

  it('where a person decides: the edit that came between is a conflict', async (context) => {
    const { api, run } = await begin(context, 'conflict: { policy: review }\n');
    api.people.set(4, 'Ours');
    api.edits.set('p4@example.test', [{ name: 'Theirs' }]);
    const second = await run();
    assert.equal(second.code, 4, second.text);
    assert.match(second.text, /held\s+1\b/);
    assert.equal(api.contacts.get('p4@example.test')?.name, 'Theirs');
    assert.deepEqual(api.refused, ['p4@example.test']);
  });

  it('that others change without end is held, with the reason', async (context) => {
    const { api, run } = await begin(context);
    api.people.set(4, 'Ours');
    api.edits.set(
      'p4@example.test',
      Array.from({ length: 20 }, (_, index) => ({ note: `edit ${index}` })),
    );
    const second = await run();
    assert.equal(second.code, 4, second.text);
    assert.match(second.text, /changed in the target 6 times, each time between reading and writing it/);
    assert.equal(api.refused.length, 6);
    api.edits.clear();
    const third = await run();
    assert.match(third.text, /updated\s+1\b/, third.text);
    assert.equal(api.contacts.get('p4@example.test')?.name, 'Ours');
  });
});
