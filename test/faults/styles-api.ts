import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { z } from 'zod';

const itemSchema = z.looseObject({ email: z.string() });
const bodySchema = z.object({ items: z.array(itemSchema) });
export type Item = z.output<typeof itemSchema>;
const PAGE = 50;

/** How an answer is spoiled: true where it has been given by that. `body` is what would be answered; a write has been applied by then. */
export type Spoil = (request: IncomingMessage, response: ServerResponse, body: unknown) => boolean;

/** People to read in every way of paging, and contacts to write in several: what is created twice is there twice. */
export class StylesApi {
  people: readonly Readonly<Record<string, unknown>>[] = [];
  /** By e-mail address: what was made of it. */
  readonly contacts = new Map<string, Item[]>();
  spoil: Spoil = () => false;
  url = '';
  readonly #keys = new Map<string, unknown>();
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch(() => response.destroy());
    });
  }

  static async start(people: number): Promise<StylesApi> {
    const api = new StylesApi();
    api.people = Array.from({ length: people }, (_, index) => personOf(index + 1));
    api.#server.listen(0, '127.0.0.1');
    await once(api.#server, 'listening');
    const address = api.#server.address();
    if (typeof address === 'object' && address !== null) api.url = `http://127.0.0.1:${address.port}`;
    return api;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece);
    const url = new URL(request.url ?? '', this.url);
    const key = request.headers['idempotency-key']?.toString();
    const body = url.pathname === '/people' ? this.#page(url.searchParams, response) : this.#contacts(url, key, Buffer.concat(pieces).toString());
    if (this.spoil(request, response, body)) return;
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  }

  #page(query: URLSearchParams, response: ServerResponse): unknown {
    const number = (name: string) => Number(query.get(name) ?? 0);
    const from = query.has('page') ? (number('page') - 1) * PAGE : number('from') + number('offset') + number('after');
    const data = this.people.slice(from, from + PAGE);
    const hasMore = from + PAGE < this.people.length;
    if (query.has('link') && hasMore) response.setHeader('link', `</people?link=1&from=${from + PAGE}>; rel="next"`);
    return { data, next: hasMore ? from + PAGE : null, link: hasMore ? `/people?from=${from + PAGE}` : null };
  }

  #contacts(url: URL, key: string | undefined, body: string): unknown {
    const emails = url.searchParams.get('emails');
    if (emails !== null) return emails.split(',').flatMap((email) => this.contacts.get(email) ?? []);
    if (key !== undefined && this.#keys.has(key)) return this.#keys.get(key);
    const { items } = bodySchema.parse(JSON.parse(body));
    const results = items.map((item) => (url.pathname === '/contacts/upsert' ? this.#put(item) : this.#make(item)));
    if (key !== undefined) this.#keys.set(key, { results });
    return { results };
  }

  #make(item: Item): unknown {
    const made = this.contacts.get(item.email) ?? [];
    const contact = { ...item, id: `${item.email}#${made.length + 1}` };
    this.contacts.set(item.email, [...made, contact]);
    return { id: contact.id, email: item.email };
  }

  #put(item: Item): unknown {
    this.contacts.set(item.email, [{ ...item, id: item.email }]);
    return { id: item.email, email: item.email };
  }
}

export function personOf(id: number): Readonly<Record<string, unknown>> {
  return { id, mail: `p${id}@example.test`, name: `Person ${id}`, big: id };
}

/** Each way of paging, of the list of people. */
export const PAGINGS: Readonly<Record<string, string>> = {
  cursor: 'get: /people, page: { type: cursor, cursor: next, param: from }',
  page: 'get: /people, page: { type: page }',
  offset: 'get: /people, page: { type: offset, param: offset }',
  keyset: 'get: /people, page: { type: keyset, key: id, param: after }',
  'next-url in the body': 'get: /people, page: { type: next-url, url: link }',
  'next-url in a header': 'get: /people, query: { link: "1" }, page: { type: next-url }',
};

const BATCH = 'max: 20, applyDelay: 100ms, body: { items: "{records}" }, results: { at: results, by: match, key: email, id: id, error: error }';
const SEARCH = 'search: { get: /contacts, query: { emails: "{$join(keys, \',\')}" }, records: $, max: 50 }';
/** Each way of writing, of contacts. */
export const WRITES: Readonly<Record<string, string>> = {
  upsert: `upsert: { post: /contacts/upsert, ${BATCH} }`,
  'create and search': `${SEARCH}, create: { post: /contacts, ${BATCH} }, update: { post: /contacts/upsert, ${BATCH} }`,
  'create by key': `create: { post: /contacts, idempotency: { header: Idempotency-Key, ttl: 1h }, ${BATCH} }, update: { post: /contacts/upsert, ${BATCH} }`,
};

interface Styles {
  readonly source: string;
  readonly target: string;
  readonly paging: string;
  readonly write: string;
  readonly giveUpAfter?: string;
}

/** The sync of one combination: source and target by addresses of their own. */
export function stylesProject(name: string, { source, target, paging, write, giveUpAfter = '2m' }: Styles) {
  const connection = (baseUrl: string, object: string) => `
connector: styles
shared: true
baseUrl: ${baseUrl}
timeouts: { connect: 1s, headers: 1s, body: 1s, request: 1s }
limits: { concurrency: 4 }
objects:
  ${object}
`;
  return {
    'connectors/styles.yaml': 'maxAnswerBytes: 1MB\n',
    [`connections/${name}-source.yaml`]: connection(source, `people: { list: { records: data, ${paging} } }`),
    [`connections/${name}-target.yaml`]: connection(target, `contacts: { ${write} }`),
    [`syncs/${name}.yaml`]: `
source: { connection: ${name}-source, object: people, primaryKey: $string(id) }
target: { connection: ${name}-target, object: contacts, matchOn: email }
mapping: { email: mail, name: name, big: big }
giveUpAfter: ${giveUpAfter}
`,
  };
}
