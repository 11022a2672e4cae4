import { z } from 'zod';
import type { CrmContact } from './contacts.ts';
import type { Answer, Request, Service } from './http-server.ts';

const LARGEST_PAGE = 100;
const patchSchema = z.record(z.string(), z.union([z.string(), z.null()]));

/** The CRM look-alike: contacts by cursor, changed since a time, one by id. */
export function createCrm(contacts: readonly CrmContact[], token: string): Service {
  const byId = new Map<string, CrmContact>(contacts.map((contact) => [contact.id, contact]));
  let lastChange = Math.max(0, ...contacts.map((contact) => Date.parse(contact.updated_at)));

  const list = ({ query }: Request): Answer => {
    const after = query.get('updated_after') ?? '';
    const matching = [...byId.values()].filter((contact) => contact.updated_at >= after);
    const from = Number(query.get('cursor') ?? 0);
    const limit = Math.min(LARGEST_PAGE, Number(query.get('limit') ?? LARGEST_PAGE));
    const next = from + limit < matching.length ? String(from + limit) : null;
    return { status: 200, body: { data: matching.slice(from, from + limit), meta: { next_cursor: next, total: matching.length } } };
  };

  const one = (request: Request, id: string): Answer => {
    const contact = byId.get(id);
    if (contact === undefined) return { status: 404, body: { error: { message: `no contact ${id}` } } };
    if (request.method === 'GET') return { status: 200, body: contact };
    lastChange += 1_000;
    const changed: CrmContact = { ...contact, ...patchSchema.parse(request.body), id, updated_at: new Date(lastChange).toISOString() };
    byId.set(id, changed);
    return { status: 200, body: changed };
  };

  return {
    token,
    handle: (request) => {
      if (request.path === '/v2/contacts' && request.method === 'GET') return list(request);
      const id = /^\/v2\/contacts\/([^/]+)$/.exec(request.path)?.[1];
      if (id !== undefined && (request.method === 'GET' || request.method === 'PATCH')) return one(request, id);
      return { status: 404, body: { error: { message: `no such endpoint: ${request.method} ${request.path}` } } };
    },
    unauthorized: () => ({ status: 401, body: { error: { message: 'invalid token' } } }),
    tooMany: () => ({ status: 429, body: { error: { message: 'too many requests' } }, headers: { 'retry-after': '1' } }),
    failed: () => ({ status: 500, body: { error: { message: 'internal error' } } }),
    state: () => ({ counts: { contacts: byId.size } }),
    records: () => [...byId.values()],
  };
}
