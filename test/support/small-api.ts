import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { z } from 'zod';
import { KEEP_ALIVE_MS } from '../../sandbox/http-server.ts';

export interface Person {
  readonly id: number;
  readonly mail: string;
  readonly name: string;
  readonly updated_at: string;
}

const contactSchema = z.looseObject({ email: z.string(), name: z.string().optional() });
export type Contact = z.output<typeof contactSchema>;
const batchSchema = z.object({ items: z.array(contactSchema) });

export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** How the target answers one batch; undefined: it takes it. */
export type Refuse = (batch: readonly Contact[], bytes: number) => { readonly status: number; readonly body?: unknown } | undefined;

/** An API with people to read, pages of 50 by key, and contacts to upsert in batches; a test says what it refuses, record by record or whole. */
export class SmallApi {
  readonly people = new Map<number, Person>();
  readonly contacts = new Map<string, Contact>();
  /** A second object to write, by the same kind of batches. */
  readonly notes = new Map<string, Contact>();
  /** A third one. */
  readonly tasks = new Map<string, Contact>();
  /** Answers to writes, by status. */
  readonly answers = new Map<number, number>();
  pagesRead = 0;
  /** What the list says of a person. */
  shown: (person: Person) => object = (person) => person;
  refuse: Refuse = () => undefined;
  /** A record that is refused by itself: its error. */
  refuseRecord: (contact: Contact) => { readonly status: number; readonly message: string } | undefined = () => undefined;
  /** What is answered in the place of the API; undefined: it answers itself. */
  admit: (request: IncomingMessage) => Answer | undefined | Promise<Answer | undefined> = () => undefined;
  /** Pages say of which version they are, and are not sent to who has it. */
  versions: 'none' | 'etag' | 'last-modified' = 'none';
  /** Pages that were not sent for that. */
  notModified = 0;
  /** Takes a batch and never answers. */
  stalls = false;
  stalled = 0;
  readonly #server: Server;
  url = '';

  private constructor() {
    this.#server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => void this.#answer(request, response));
  }

  static async start(people: number): Promise<SmallApi> {
    const api = new SmallApi();
    for (let id = 1; id <= people; id++) api.change(id, `Person ${id}`, 0);
    api.#server.listen(0, '127.0.0.1');
    await once(api.#server, 'listening');
    const address = api.#server.address();
    if (typeof address === 'object' && address !== null) api.url = `http://127.0.0.1:${address.port}`;
    return api;
  }

  change(id: number, name: string, minute: number): void {
    this.people.set(id, { id, mail: `p${id}@example.test`, name, updated_at: new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString() });
  }

  answered(status: number): number {
    return this.answers.get(status) ?? 0;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece);
    const url = new URL(request.url ?? '', this.url);
    const { status, body, headers }: Answer =
      (await this.admit(request)) ??
      (url.pathname === '/people'
        ? this.#list(url.searchParams)
        : this.#write({ '/notes/batch': this.notes, '/tasks/batch': this.tasks }[url.pathname] ?? this.contacts, Buffer.concat(pieces)));
    if (this.stalls && url.pathname !== '/people') {
      this.stalled += 1;
      return;
    }
    const versioned = url.pathname === '/people' && status === 200 ? this.#versionOf(body) : {};
    if (Object.values(versioned).some((version) => version === request.headers['if-none-match'] || version === request.headers['if-modified-since'])) {
      this.notModified += 1;
      return void response.writeHead(304, versioned).end();
    }
    response.writeHead(status, { 'content-type': 'application/json', ...versioned, ...headers }).end(JSON.stringify(body ?? {}));
  }

  #versionOf(body: unknown): Readonly<Record<string, string>> {
    if (this.versions === 'none') return {};
    if (this.versions === 'etag') return { etag: `"${createHash('sha256').update(JSON.stringify(body)).digest('base64url')}"` };
    const times = z
      .array(z.object({ updated_at: z.string() }))
      .parse(body)
      .map(({ updated_at: at }) => at);
    return { 'last-modified': new Date(times.toSorted().at(-1) ?? 0).toUTCString() };
  }

  #list(query: URLSearchParams): { readonly status: number; readonly body: unknown } {
    this.pagesRead += 1;
    const after = Number(query.get('after') ?? 0);
    const since = query.get('since') ?? '';
    const until = query.get('until') ?? '9999';
    const found = [...this.people.values()].filter((person) => person.id > after && person.updated_at >= since && person.updated_at < until).slice(0, 50);
    return { status: 200, body: found.map(this.shown) };
  }

  #write(object: Map<string, Contact>, bytes: Buffer): { readonly status: number; readonly body?: unknown } {
    const { items } = batchSchema.parse(JSON.parse(bytes.toString()));
    const refusal = this.refuse(items, bytes.length);
    this.answers.set(refusal?.status ?? 200, (this.answers.get(refusal?.status ?? 200) ?? 0) + 1);
    if (refusal !== undefined) return refusal;
    const results = items.map((contact) => {
      const refused = this.refuseRecord(contact);
      if (refused !== undefined) return { error: refused.message, status: refused.status };
      object.set(contact.email, { ...object.get(contact.email), ...contact });
      return { id: contact.email };
    });
    return { status: 200, body: { results } };
  }
}

/** The project that reads its people into its contacts. */
export function smallProject(
  baseUrl: string,
  more: { readonly connection?: string; readonly source?: string; readonly sync?: string } = {},
): Readonly<Record<string, string>> {
  return {
    'connections/small.yaml': `
connector: generic-rest
shared: true
baseUrl: ${baseUrl}
${more.connection ?? ''}
objects:
  people:
    list:
      get: /people
      query: { since: { value: "{window.from}", optional: true }, until: { value: "{window.to}", optional: true } }
      records: $
      page: { type: keyset, key: id, param: after }
  contacts:
    upsert: &upsert
      post: /contacts/batch
      max: 50
      body: { items: "{records}" }
      results: { at: results, by: index, id: id, error: error, status: status }
  notes:
    upsert: { <<: *upsert, post: /notes/batch }
  tasks:
    upsert: { <<: *upsert, post: /tasks/batch }
  orders: # neither searched nor repeated: a lost answer is for a person
    create: { <<: *upsert, post: /notes/batch, applyDelay: 0s }
    update: { <<: *upsert, post: /notes/changes, applyDelay: 0s }
`,
    'syncs/people.yaml': `
source:
  connection: small
  object: people
  primaryKey: $string(id)
${more.source ?? ''}
target: { connection: small, object: contacts, matchOn: email }
mapping:
  email: { from: mail, type: email }
  name: name
${more.sync ?? ''}
`,
  };
}
