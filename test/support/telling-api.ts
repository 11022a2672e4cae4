import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { KEEP_ALIVE_MS } from '../../sandbox/http-server.ts';

export interface Told {
  readonly id: number;
  readonly mail: string;
  readonly version: number;
}

const itemsSchema = z.object({ items: z.array(z.object({ id: z.string().optional(), email: z.string(), version: z.number() })) });

interface Contact {
  readonly id: string;
  readonly email: string;
  readonly version: number;
}

/**
 * A source whose records have a version that grows with each change, and a target without idempotency keys that knows its contacts by ids of its own. It notes what nobody
 * should do: two contacts for one address, an older version over a newer one, a deleted one that returns without having returned at the source.
 */
export class TellingApi {
  readonly people = new Map<number, Told>();
  readonly contacts = new Map<string, Contact>();
  /** Of each person, by all requests that asked for one. */
  readonly reads = new Map<number, number>();
  readonly mistakes: string[] = [];
  /** When the target took the version of an address, by `address version`. */
  readonly writtenAt = new Map<string, number>();
  writes = 0;
  latencyMs = 0;
  /** Answers 503 to those that read people, or write contacts. */
  isDown: 'source' | 'target' | undefined;
  /** To who asks for a person by these ids, in the place of what it knows of them: status and body. */
  readonly otherAnswers = new Map<string, readonly [number, unknown]>();
  url = '';
  /** Of each person that ever was. */
  readonly #versions = new Map<number, number>();
  /** The newest version that the target was ever told of an address. */
  readonly #told = new Map<string, number>();
  readonly #server: Server;
  #lastId = 0;

  private constructor() {
    this.#server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => void this.#answer(request, response));
  }

  static async start(people: number): Promise<TellingApi> {
    const api = new TellingApi();
    for (let id = 1; id <= people; id++) api.change(id);
    api.#server.listen(0, '127.0.0.1');
    await once(api.#server, 'listening');
    const address = api.#server.address();
    if (typeof address === 'object' && address !== null) api.url = `http://127.0.0.1:${address.port}`;
    return api;
  }

  get readCount(): number {
    return [...this.reads.values()].reduce((sum, count) => sum + count, 0);
  }

  change(id: number): Told {
    const version = (this.#versions.get(id) ?? 0) + 1;
    const told = { id, mail: mailOf(id), version };
    this.#versions.set(id, version);
    this.people.set(id, told);
    return told;
  }

  remove(id: number): void {
    this.people.delete(id);
  }

  contactOf(id: number): Contact | undefined {
    return [...this.contacts.values()].find(({ email }) => email === mailOf(id));
  }

  /** The target is as the source. */
  get isReflected(): boolean {
    const byMail = new Map([...this.contacts.values()].map(({ email, version }) => [email, version]));
    return byMail.size === this.people.size && [...this.people.values()].every(({ mail, version }) => byMail.get(mail) === version);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece);
    await sleep(this.latencyMs);
    const { pathname, searchParams } = new URL(request.url ?? '', this.url);
    const [, object, id] = pathname.split('/');
    const side = object === 'people' ? 'source' : 'target';
    const [status, body] =
      this.isDown === side
        ? [503, {}]
        : side === 'source'
          ? this.#read(id, searchParams)
          : this.#takes(request.method ?? '', id, searchParams, Buffer.concat(pieces).toString());
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  }

  #read(id: string | undefined, query: URLSearchParams): readonly [number, unknown] {
    const other = this.otherAnswers.get(id ?? '');
    if (other !== undefined) return other;
    if (id === undefined) return [200, [...this.people.values()].filter((person) => person.id > Number(query.get('after') ?? 0)).slice(0, 50)];
    this.reads.set(Number(id), (this.reads.get(Number(id)) ?? 0) + 1);
    const person = this.people.get(Number(id));
    return person === undefined ? [404, { error: 'gone' }] : [200, person];
  }

  #takes(method: string, id: string | undefined, query: URLSearchParams, text: string): readonly [number, unknown] {
    if (method === 'GET') {
      const asked = new Set((query.get('emails') ?? '').split(','));
      return [200, [...this.contacts.values()].filter(({ email }) => asked.has(email))];
    }
    if (method === 'DELETE') {
      this.contacts.delete(id ?? '');
      return [200, {}];
    }
    this.writes += 1;
    return [200, { results: itemsSchema.parse(JSON.parse(text)).items.map((item) => this.#take(method, item)) }];
  }

  #take(method: string, { id, email, version }: z.output<typeof itemsSchema>['items'][number]): object {
    const known = method === 'POST' ? undefined : this.contacts.get(id ?? '');
    if (method !== 'POST' && known === undefined) return { error: 'no such contact', status: 404 };
    if (method === 'POST' && [...this.contacts.values()].some((contact) => contact.email === email)) this.mistakes.push(`${email} was created twice`);
    const last = this.#told.get(email) ?? 0;
    if (version < last) this.mistakes.push(`version ${version} of ${email} came after ${last}`);
    this.#told.set(email, Math.max(last, version));
    const contact = { id: known?.id ?? `c${++this.#lastId}`, email, version };
    this.contacts.set(contact.id, contact);
    const place = `${email} ${version}`;
    if (!this.writtenAt.has(place)) this.writtenAt.set(place, Date.now());
    return { id: contact.id };
  }
}

export function mailOf(id: number): string {
  return `p${id}@example.test`;
}

/** Of what it sends by itself: TELLING_SECRET of the project. */
export const HOOK_SECRET = 'telling-hook-secret';

/** The project that has its people as contacts. @param more of the source, one key a line */
export function tellingProject(
  baseUrl: string,
  more: { readonly source?: string; readonly target?: string; readonly sync?: string } = {},
): Readonly<Record<string, string>> {
  const write = 'max: 50, applyDelay: 100ms, body: { items: "{records}" }, results: { at: results, by: index, id: id, error: error, status: status }';
  return {
    'connections/telling.yaml': `
connector: generic-rest
shared: true
baseUrl: ${baseUrl}
timeouts: { request: 2s, headers: 2s, body: 2s }
limits: { concurrency: 16 }
webhooks:
  secrets: ["\${secret:TELLING_SECRET}"]
  signature: { type: github }
  delivery: "headers.'x-delivery'"
  each: body.events
  rate: { count: 100000, per: 1s }
  events:
    - { when: "event.type = 'changed'", object: people, key: $string(event.id) }
    - { when: "event.type = 'deleted'", object: people, key: $string(event.id), kind: deleted }
objects:
  people:
    list: { get: /people, records: $, page: { type: keyset, key: id, param: after } }
    get: { get: "/people/{id}" }
  contacts:
    search: { get: /contacts, query: { emails: "{$join(keys, ',')}" }, records: $, max: 50, indexingDelay: 0s }
    create: { post: /contacts, ${write} }
    update: { put: /contacts, record: "{$merge([fields, {'id': id}])}", ${write} }
    delete: { delete: "/contacts/{id}", max: 1 }
`,
    'syncs/people.yaml': `
source:
  connection: telling
  object: people
  primaryKey: $string(id)
${more.source ?? '  events: { settle: 200ms }'}
target: { connection: telling, object: contacts, matchOn: email${more.target ?? ''} }
mapping: { email: { from: mail, type: email }, version: { from: version, type: integer } }
${more.sync ?? ''}
`,
  };
}
