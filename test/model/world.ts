import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { z } from 'zod';

export interface Person {
  readonly name: string;
  readonly city: string;
}

export interface Contact extends Person {
  readonly id: string;
}

/** What becomes of one write request. */
export type Fate = 'refused before' | 'applied, answered 500' | 'applied, connection cut';

const itemSchema = z.object({ id: z.string().optional(), email: z.string().optional(), name: z.string().optional(), city: z.string().optional() });
const bodySchema = z.object({ items: z.array(itemSchema) });
type Item = z.output<typeof itemSchema>;

/** People by key at one side, contacts by e-mail address at the other, over HTTP; a test edits both, and says what goes wrong. */
export class World {
  people = new Map<string, Person>();
  contacts = new Map<string, Contact>();
  /** Of the next write requests. */
  fates: Fate[] = [];
  url = '';
  #lastId = 0;
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  static async start(): Promise<World> {
    const world = new World();
    world.#server.listen(0, '127.0.0.1');
    await once(world.#server, 'listening');
    const address = world.#server.address();
    if (typeof address === 'object' && address !== null) world.url = `http://127.0.0.1:${address.port}`;
    return world;
  }

  reset(): void {
    this.people = new Map();
    this.contacts = new Map();
    this.fates = [];
    this.#lastId = 0;
  }

  /** By other hands. */
  addContact(email: string, person: Person): void {
    this.#lastId += 1;
    this.contacts.set(email, { ...person, id: `c${this.#lastId}` });
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece);
    const url = new URL(request.url ?? '', this.url);
    const [, key] = /^\/people\/(.+)$/.exec(url.pathname) ?? [];
    if (key !== undefined) return this.#sendPerson(response, key);
    if (url.pathname === '/people') return send(response, [...this.people].map(shown));
    if (request.method === 'GET') return send(response, this.#search((url.searchParams.get('emails') ?? '').split(',')));
    const { items } = bodySchema.parse(JSON.parse(Buffer.concat(pieces).toString()));
    const apply = () => ({ results: items.map((item) => this.#write(url.pathname, item)) });
    const fate = this.fates.shift();
    if (fate === 'refused before') return send(response, { message: 'out of luck' }, 500);
    const results = apply();
    if (fate === 'applied, answered 500') return send(response, { message: 'out of luck' }, 500);
    if (fate === 'applied, connection cut') return void response.destroy();
    send(response, results);
  }

  #sendPerson(response: ServerResponse, key: string): void {
    const person = this.people.get(key);
    send(response, person === undefined ? { message: 'no such person' } : shown([key, person]), person === undefined ? 404 : 200);
  }

  #search(emails: readonly string[]): readonly unknown[] {
    return emails.flatMap((email) => {
      const contact = this.contacts.get(email);
      return contact === undefined ? [] : [{ ...contact, email }];
    });
  }

  #write(path: string, item: Item): unknown {
    if (path === '/contacts/upsert') return this.#upsert(item);
    const found = [...this.contacts].find(([, contact]) => contact.id === item.id);
    if (found === undefined) return { error: 'no such contact', status: 404 };
    const [email, contact] = found;
    if (path === '/contacts/delete') this.contacts.delete(email);
    else this.contacts.set(email, { ...contact, ...given(item) });
    return { id: contact.id };
  }

  #upsert({ email = '', ...item }: Item): unknown {
    const known = this.contacts.get(email);
    if (known === undefined) this.#lastId += 1;
    const contact = { name: '', city: '', ...known, ...given(item), id: known?.id ?? `c${this.#lastId}` };
    this.contacts.set(email, contact);
    return { id: contact.id, created: known === undefined };
  }
}

export const mailOf = (key: string): string => `p${key}@example.test`;

function shown([key, person]: readonly [string, Person]): unknown {
  return { id: key, mail: mailOf(key), ...person };
}

function given({ name, city }: Item): Partial<Person> {
  return { ...(name === undefined ? {} : { name }), ...(city === undefined ? {} : { city }) };
}

function send(response: ServerResponse, body: unknown, status = 200): void {
  if (!response.destroyed) response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
