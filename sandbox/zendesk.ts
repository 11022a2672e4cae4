import { z } from 'zod';
import type { Answer, Request } from './http-server.ts';
import type { Service } from './service.ts';

const fieldsSchema = z.record(z.string(), z.unknown());
type Fields = z.output<typeof fieldsSchema>;
type Held = Fields & { readonly id: number };

const FIRST_USER = 9_000_001;

/** A look-alike of Zendesk's Ticketing API to write to: users by create_or_update, tickets by external id, with idempotency keys (developer.zendesk.com/api-reference/ticketing). */
export function createZendesk(token: string): Service {
  const store = new ZendeskStore();
  return {
    token,
    handle: (request) => store.handle(request) ?? notFound(),
    unauthorized: () => ({ status: 401, body: { error: "Couldn't authenticate you" } }),
    tooMany: (seconds) => ({ status: 429, body: { error: 'TooManyRequests', description: 'Too many requests' }, headers: { 'retry-after': String(seconds) } }),
    failed: (status) => ({ status, body: { error: 'InternalError', description: 'Sorry, we could not complete your request.' } }),
    state: () => ({ counts: { users: store.users.length, tickets: store.tickets.length }, repeated: store.repeated }),
    records: (object) => (object === 'tickets' ? store.tickets : store.users),
  };
}

class ZendeskStore {
  readonly users: Held[] = [];
  readonly tickets: Held[] = [];
  /** Creates that an idempotency key kept from being done twice. */
  repeated = 0;
  readonly #answers = new Map<string, { readonly sent: string; readonly answer: Answer }>();

  handle(request: Request): Answer | undefined {
    const [, collection, rest] = /^\/api\/v2\/(users|tickets)(?:\/([^/]+))?$/.exec(request.path) ?? [];
    if (collection === undefined) return undefined;
    const held = collection === 'users' ? this.users : this.tickets;
    const key = collection === 'users' ? 'user' : 'ticket';
    if (request.method === 'GET' && rest === undefined) return list(collection, held, request.query);
    if (request.method === 'GET' && collection === 'users' && rest === 'search') return search(held, request.query);
    if (request.method === 'POST' && collection === 'users' && rest === 'create_or_update') return this.#createOrUpdate(bodyOf(request, key));
    if (request.method === 'POST' && collection === 'tickets' && rest === undefined) return this.#createTicket(request);
    const found = held.findIndex(({ id }) => String(id) === rest);
    const record = held[found];
    if (record === undefined) return undefined;
    if (request.method === 'GET') return { status: 200, body: { [key]: record } };
    if (request.method !== 'PUT') return undefined;
    const changed = { ...record, ...bodyOf(request, key), id: record.id };
    held[found] = changed;
    return { status: 200, body: { [key]: changed } };
  }

  /** An existing user is found by external id, without regard to case, or by e-mail address. */
  #createOrUpdate(fields: Fields): Answer {
    if (text(fields['name']) === '') return invalid('name', 'Name: cannot be blank', 'BlankValue');
    const email = text(fields['email']);
    if (email !== '' && !email.includes('@')) return invalid('email', `Email: ${email} is not properly formatted`, 'InvalidFormat');
    const isSame = (user: Held, name: string) => text(fields[name]) !== '' && text(user[name]).toLowerCase() === text(fields[name]).toLowerCase();
    const found = this.users.findIndex((user) => isSame(user, 'external_id') || isSame(user, 'email'));
    const known = this.users[found];
    const { skip_verify_email: _, ...kept } = fields;
    const user = { active: true, role: 'end-user', ...known, ...kept, id: known?.id ?? FIRST_USER + this.users.length };
    if (known === undefined) this.users.push(user);
    else this.users[found] = user;
    return { status: known === undefined ? 201 : 200, body: { user }, headers: { location: `/api/v2/users/${user.id}.json` } };
  }

  /** The same key gives the first answer again; with another body it is an error. */
  #createTicket(request: Request): Answer {
    const { idempotencyKey } = request;
    const sent = JSON.stringify(request.body);
    const earlier = idempotencyKey === undefined ? undefined : this.#answers.get(idempotencyKey);
    if (earlier !== undefined && earlier.sent !== sent)
      return { status: 400, body: { error: 'IdempotentRequestError', description: 'The key was used with other parameters' } };
    if (earlier !== undefined) {
      this.repeated += 1;
      return { ...earlier.answer, headers: { 'x-idempotency-lookup': 'hit' } };
    }
    const fields = bodyOf(request, 'ticket');
    if (fields['comment'] === undefined) return invalid('base', 'Description: cannot be blank', 'BlankValue');
    if (fields['requester_id'] !== undefined && !this.users.some(({ id }) => id === fields['requester_id']))
      return invalid('requester', 'Requester: is invalid', 'InvalidValue');
    const { comment: _, ...kept } = fields;
    const ticket = { status: 'new', ...kept, id: this.tickets.length + 1 };
    this.tickets.push(ticket);
    const answer = { status: 201, body: { ticket }, headers: { 'x-idempotency-lookup': 'miss' } };
    if (idempotencyKey !== undefined) this.#answers.set(idempotencyKey, { sent, answer });
    return answer;
  }
}

function list(collection: string, held: readonly Held[], query: URLSearchParams): Answer {
  const wanted = query.get('external_id');
  const shown = held.filter((record) => wanted === null || record['external_id'] === wanted);
  return {
    status: 200,
    body: { [collection]: shown.slice(0, 100), meta: { has_more: false, after_cursor: null, before_cursor: null }, links: { prev: null, next: null } },
  };
}

/** `external_id:"cus_1"`: one property, exactly. */
function search(held: readonly Held[], query: URLSearchParams): Answer {
  const [, name = '', value = ''] = /^(\w+):"?([^"]*)"?$/.exec(query.get('query') ?? '') ?? [];
  const users = held.filter((user) => text(user[name]).toLowerCase() === value.toLowerCase());
  return { status: 200, body: { users, count: users.length, next_page: null, previous_page: null } };
}

function bodyOf({ body }: Request, key: string): Fields {
  const parsed = z.object({ [key]: fieldsSchema }).safeParse(body);
  return parsed.success ? (parsed.data[key] ?? {}) : {};
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function invalid(field: string, description: string, error: string): Answer {
  return { status: 422, body: { error: 'RecordInvalid', description: 'Record validation errors', details: { [field]: [{ description, error }] } } };
}

function notFound(): Answer {
  return { status: 404, body: { error: 'RecordNotFound', description: 'Not found' } };
}
