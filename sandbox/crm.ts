import { z } from 'zod';
import { ContactList } from './contact-list.ts';
import type { CrmContact } from './contacts.ts';
import type { Answer, Request } from './http-server.ts';
import type { Service } from './service.ts';

const LARGEST_PAGE = 100;
const writableSchema = z.strictObject({
  email_address: z.string().nullable(),
  first_name: z.string(),
  last_name: z.string(),
  phone: z.string().nullable(),
  company: z.string(),
  country: z.string(),
  status: z.string(),
  owner_email: z.string().nullable(),
});
const cursorSchema = z.object({ updated_at: z.string(), id: z.string() });

/** The CRM look-alike: contacts by cursor in the order of their last change, changed since a time and before another, one by id, what was deleted since a time; create, change, delete, restore. */
export function createCrm(initial: readonly CrmContact[], token: string): Service {
  const contacts = new ContactList(initial);

  const list = ({ query }: Request): Answer => {
    const limit = Number(query.get('limit') ?? LARGEST_PAGE);
    if (!Number.isInteger(limit) || limit < 1) return refusal(400, `limit is to be a number from 1 to ${LARGEST_PAGE}`);
    const [updatedAfter, updatedBefore] = ['updated_after', 'updated_before'].map((name) => readTime(query.get(name)));
    if (updatedAfter === 'invalid' || updatedBefore === 'invalid')
      return refusal(400, 'updated_after and updated_before are to be times as in 2026-01-31T12:00:00Z');
    const after = readCursor(query.get('cursor'));
    if (after === 'invalid') return refusal(400, 'the cursor is not one of ours');
    const page = contacts.page(after, { updatedAfter: updatedAfter ?? '', updatedBefore }, Math.min(limit, LARGEST_PAGE));
    const last = page.contacts.at(-1);
    const nextCursor = page.isLast || last === undefined ? null : writeCursor(last);
    return { status: 200, body: { data: page.contacts, meta: { next_cursor: nextCursor, total: page.total } } };
  };

  const deleted = ({ query }: Request): Answer => {
    const since = Date.parse(query.get('deleted_after') ?? '1970-01-01T00:00:00Z');
    if (Number.isNaN(since)) return refusal(400, 'deleted_after is to be a time as in 2026-01-31T12:00:00Z');
    const skipped = Number(query.get('cursor') ?? 0);
    if (!Number.isInteger(skipped) || skipped < 0) return refusal(400, 'the cursor is not one of ours');
    const { entries, isLast } = contacts.deleted(new Date(since).toISOString(), skipped, LARGEST_PAGE);
    return { status: 200, body: { data: entries, meta: { next_cursor: isLast ? null : String(skipped + entries.length) } } };
  };

  const restore = (id: string): Answer => {
    const contact = contacts.restore(id);
    return contact === undefined ? refusal(404, `no deleted contact ${id}`) : { status: 200, body: contact };
  };

  const create = (request: Request): Answer => {
    const contact = writableSchema.safeParse(request.body);
    return contact.success ? { status: 201, body: contacts.put(contact.data) } : refusal(400, z.prettifyError(contact.error));
  };

  const one = (request: Request, id: string): Answer => {
    const contact = contacts.get(id);
    if (contact === undefined) return refusal(404, `no contact ${id}`);
    if (request.method === 'GET') return { status: 200, body: contact };
    if (request.method === 'DELETE') {
      contacts.remove(id);
      return { status: 204, body: undefined };
    }
    const change = writableSchema.partial().safeParse(request.body);
    if (!change.success) return refusal(400, z.prettifyError(change.error));
    return { status: 200, body: contacts.put(writableSchema.strip().parse({ ...contact, ...change.data }), id) };
  };

  return {
    token,
    handle: (request) => {
      if (request.path === '/v2/contacts' && request.method === 'GET') return list(request);
      if (request.path === '/v2/contacts' && request.method === 'POST') return create(request);
      if (request.path === '/v2/contacts/deleted' && request.method === 'GET') return deleted(request);
      const restored = /^\/v2\/contacts\/([^/]+)\/restore$/.exec(request.path)?.[1];
      if (restored !== undefined && request.method === 'POST') return restore(restored);
      const id = /^\/v2\/contacts\/([^/]+)$/.exec(request.path)?.[1];
      if (id !== undefined && ['GET', 'PATCH', 'DELETE'].includes(request.method)) return one(request, id);
      return refusal(404, `no such endpoint: ${request.method} ${request.path}`);
    },
    unauthorized: () => refusal(401, 'invalid token'),
    tooMany: (retryAfterSeconds) => ({ ...refusal(429, 'too many requests'), headers: { 'retry-after': String(retryAfterSeconds) } }),
    failed: (status) => refusal(status, status === 503 ? 'down for maintenance' : 'internal error'),
    state: () => ({ counts: { contacts: contacts.size } }),
    records: () => contacts.all(),
  };
}

function refusal(status: number, message: string): Answer {
  return { status, body: { error: { message } } };
}

function writeCursor({ updated_at, id }: CrmContact): string {
  return Buffer.from(JSON.stringify({ updated_at, id })).toString('base64url');
}

/** In UTC, as the contacts have it; undefined where none is given. */
function readTime(text: string | null): string | undefined {
  if (text === null) return undefined;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? 'invalid' : new Date(ms).toISOString();
}

function readCursor(text: string | null): z.output<typeof cursorSchema> | undefined | 'invalid' {
  if (text === null) return undefined;
  try {
    return cursorSchema.parse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')));
  } catch {
    return 'invalid';
  }
}
