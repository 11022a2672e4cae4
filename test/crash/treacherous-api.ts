import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Dice } from './seeded.ts';

/** What the API promises of itself: a write is applied within so long of its connection's end, and shown by the search so long after it. */
export const APPLY_DELAY_MS = 600;
export const INDEXING_DELAY_MS = 400;

export interface Person {
  readonly id: number;
  readonly mail: string;
  readonly name: string;
}

const itemSchema = z.object({ email: z.string(), name: z.string() });
const changeSchema = z.object({ id: z.string(), email: z.string().optional(), name: z.string() });
const createsSchema = z.object({ items: z.array(itemSchema) });
const updatesSchema = z.object({ items: z.array(changeSchema) });
const deletesSchema = z.object({ items: z.array(z.object({ id: z.string() })) });
type Item = z.output<typeof itemSchema>;
type Contact = Item & { readonly id: string; readonly at: number };
type Result = { readonly id: string } | { readonly error: string; readonly status: number };

/**
 * People to read, and contacts that can only be created, updated and deleted by id, and searched: no upsert, no idempotency keys, nothing that keeps a repeated create from
 * making a second contact. While it is treacherous it applies a write and never answers, answers late, applies late, or dies.
 */
export class TreacherousApi {
  readonly people = new Map<number, Person>();
  readonly contacts = new Map<string, Contact>();
  /** Ids by e-mail address: two where something was created twice. */
  readonly byMail = new Map<string, string[]>();
  /** What went wrong, by kind. */
  readonly harm = new Map<string, number>();
  isTreacherous = true;
  url = '';
  readonly #dice: Dice;
  readonly #server: Server;
  #lastId = 0;

  private constructor(dice: Dice) {
    this.#dice = dice;
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch(() => response.destroy());
    });
  }

  static async start(dice: Dice): Promise<TreacherousApi> {
    const api = new TreacherousApi(dice);
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

  /** Every connection is cut at once, as when the process behind it dies; what it was about to answer is never said. */
  die(): void {
    this.#count('died');
    this.#server.closeAllConnections();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece);
    const url = new URL(request.url ?? '', this.url);
    if (url.pathname === '/people') return send(response, this.#list(Number(url.searchParams.get('after') ?? 0)));
    const [, one] = /^\/people\/(\d+)$/.exec(url.pathname) ?? [];
    const person = this.people.get(Number(one));
    if (one !== undefined) return send(response, person ?? { message: 'no such person' }, person === undefined ? 404 : 200);
    if (request.method === 'GET') return send(response, this.#search((url.searchParams.get('emails') ?? '').split(',')));
    const apply = this.#readWrite(request, url.pathname, JSON.parse(Buffer.concat(pieces).toString()));
    await sleep(this.#dice.between(5, 25));
    await this.#write(response, apply);
  }

  #readWrite({ method }: IncomingMessage, path: string, body: unknown): () => readonly Result[] {
    if (path === '/contacts/deletes') {
      const { items } = deletesSchema.parse(body);
      return () => items.map(({ id }) => this.#delete(id));
    }
    if (method === 'POST') {
      const { items } = createsSchema.parse(body);
      return () => items.map((item) => this.#create(item));
    }
    const { items } = updatesSchema.parse(body);
    return () => items.map((item) => this.#update(item));
  }

  /** One write in five goes wrong, in one of these ways. */
  async #write(response: ServerResponse, apply: () => readonly Result[]): Promise<void> {
    const fate = this.isTreacherous ? this.#dice.next() : 1;
    if (fate < 0.04) {
      this.#count('applied, never answered');
      apply();
    } else if (fate < 0.08) {
      this.#count('applied late');
      response.destroy();
      await sleep(this.#dice.between(0, APPLY_DELAY_MS));
      apply();
    } else if (fate < 0.11) {
      this.#count('answered late');
      const results = apply();
      await sleep(2_000);
      send(response, { results });
    } else if (fate < 0.14) {
      this.#count('refused by a reset');
      response.destroy();
    } else if (fate < 0.17) {
      this.#count('500 before it was applied');
      send(response, { message: 'out of luck' }, 500);
    } else if (fate < 0.2) {
      this.#count('500 after it was applied');
      apply();
      send(response, { message: 'out of luck' }, 500);
    } else {
      send(response, { results: apply() });
    }
  }

  #list(after: number): readonly Person[] {
    const found = [...this.people.values()].filter((person) => person.id > after);
    return found.toSorted((one, other) => one.id - other.id).slice(0, 100);
  }

  /** Not all at once see what is new: as late as the API admits. */
  #search(emails: readonly string[]): readonly Contact[] {
    return emails
      .flatMap((email) => (this.byMail.get(email) ?? []).flatMap((id) => this.contacts.get(id) ?? []))
      .filter((contact) => Date.now() - contact.at >= this.#dice.between(0, INDEXING_DELAY_MS));
  }

  #create(item: Item): Result {
    if (isBad(item)) return REFUSED;
    this.#lastId += 1;
    const id = String(this.#lastId);
    this.contacts.set(id, { ...item, id, at: Date.now() });
    this.byMail.set(item.email, [...(this.byMail.get(item.email) ?? []), id]);
    return { id };
  }

  #update({ id, name }: z.output<typeof changeSchema>): Result {
    const known = this.contacts.get(id);
    if (known === undefined) return { error: 'no such contact', status: 404 };
    if (isBad({ name })) return REFUSED;
    this.contacts.set(id, { ...known, name });
    return { id };
  }

  /** By other hands: they keep to no protocol. */
  make(email: string, name: string): void {
    this.#create({ email, name });
  }

  rename(email: string, name: string): void {
    for (const id of this.byMail.get(email) ?? []) this.#update({ id, name });
  }

  remove(email: string): void {
    for (const id of this.byMail.get(email) ?? []) this.#delete(id);
  }

  #delete(id: string): Result {
    const known = this.contacts.get(id);
    if (known === undefined) return { error: 'no such contact', status: 404 };
    this.contacts.delete(id);
    const others = (this.byMail.get(known.email) ?? []).filter((other) => other !== id);
    this.byMail.set(known.email, others);
    return { id };
  }

  #count(kind: string): void {
    this.harm.set(kind, (this.harm.get(kind) ?? 0) + 1);
  }
}

const REFUSED: Result = { error: 'this name is not allowed', status: 422 };

export function isBad({ name }: { readonly name: string }): boolean {
  return name.startsWith('bad');
}

function send(response: ServerResponse, body: unknown, status = 200): void {
  if (response.destroyed) return;
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
