import type { Owner } from './contacts.ts';
import type { Answer, Request } from './http-server.ts';
import { invalidRequest } from './hubspot-error.ts';

const LARGEST_PAGE = 500;
const SINCE = '2024-01-01T00:00:00.000Z';

/** The owners ("Retrieve owners"): a list by cursor, by e-mail address, and one by id. */
export class HubspotOwners {
  readonly all: readonly Owner[];

  constructor(owners: readonly Owner[]) {
    this.all = owners;
  }

  list({ query }: Request): Answer {
    const limit = Number(query.get('limit') ?? 100);
    if (!Number.isInteger(limit) || limit < 1 || limit > LARGEST_PAGE) return invalidRequest(`limit must be a number from 1 to ${LARGEST_PAGE}`);
    const email = query.get('email')?.toLowerCase();
    const found = this.all.filter((owner) => email === undefined || owner.email === email);
    const after = query.get('after');
    const from = after === null ? 0 : found.findIndex((owner) => owner.id === after) + 1;
    const page = found.slice(from, from + limit);
    const last = page.at(-1);
    const paging = last === undefined || from + limit >= found.length ? {} : { paging: { next: { after: last.id } } };
    return { status: 200, body: { results: page.map(shownOwner), ...paging } };
  }

  one(id: string): Answer | undefined {
    const owner = this.all.find((candidate) => candidate.id === id);
    return owner === undefined ? undefined : { status: 200, body: shownOwner(owner) };
  }
}

function shownOwner(owner: Owner): Record<string, unknown> {
  return { ...owner, type: 'PERSON', userId: Number(owner.id) + 1_000_000, createdAt: SINCE, updatedAt: SINCE, archived: false };
}
