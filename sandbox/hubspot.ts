import { randomUUID } from 'node:crypto';
import type { Owner } from './contacts.ts';
import { hubspotError } from './hubspot-error.ts';
import { HubspotObjects } from './hubspot-objects.ts';
import type { Answer, Request, Service } from './http-server.ts';

/** The HubSpot look-alike: CRM v3 contacts and companies, owners, in the shapes of HubSpot's public documentation. */
export function createHubspot(owners: readonly Owner[], token: string, indexingDelayMs: () => number): Service {
  const objects = { contacts: new HubspotObjects('contacts', indexingDelayMs), companies: new HubspotObjects('companies', indexingDelayMs) };

  const listOwners = ({ query }: Request): Answer => {
    const email = query.get('email');
    const found = owners.filter((owner) => email === null || owner.email === email);
    const from = Number(query.get('after') ?? 0);
    const limit = Math.min(500, Number(query.get('limit') ?? 100));
    const paging = from + limit < found.length ? { paging: { next: { after: String(from + limit) } } } : {};
    return { status: 200, body: { results: found.slice(from, from + limit).map((owner) => ({ ...owner, archived: false })), ...paging } };
  };

  const answer = (request: Request): Answer => {
    if (request.path === '/crm/v3/owners' && request.method === 'GET') return listOwners(request);
    const route = /^\/crm\/v3\/objects\/(contacts|companies)(?:\/(.+))?$/.exec(request.path);
    const collection = route?.[1] === 'contacts' ? objects.contacts : route?.[1] === 'companies' ? objects.companies : undefined;
    return collection?.handle(request, route?.[2]) ?? { status: 404, body: hubspotError('OBJECT_NOT_FOUND', `no such endpoint: ${request.method} ${request.path}`) };
  };

  return {
    token,
    handle: (request) => withCorrelation(answer(request)),
    unauthorized: () => withCorrelation({ status: 401, body: hubspotError('INVALID_AUTHENTICATION', 'Authentication credentials not found or invalid') }),
    tooMany: () =>
      withCorrelation({
        status: 429,
        body: { ...hubspotError('RATE_LIMITS', 'You have reached your secondly limit.'), errorType: 'RATE_LIMIT', policyName: 'SECONDLY' },
        headers: { 'retry-after': '1' },
      }),
    failed: () => withCorrelation({ status: 500, body: hubspotError('INTERNAL_ERROR', 'internal error') }),
    state: () => ({ counts: { contacts: objects.contacts.size, companies: objects.companies.size, owners: owners.length } }),
    records: (object) => (object === 'owners' ? owners : object === 'companies' ? objects.companies.all() : objects.contacts.all()),
  };
}

function withCorrelation(answer: Answer): Answer {
  return { ...answer, headers: { ...answer.headers, 'x-hubspot-correlation-id': randomUUID() } };
}
