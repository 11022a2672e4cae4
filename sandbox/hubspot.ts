import { randomUUID } from 'node:crypto';
import type { Owner } from './contacts.ts';
import type { Faults } from './faults.ts';
import type { Answer, Request } from './http-server.ts';
import { hubspotError } from './hubspot-error.ts';
import { HubspotImports } from './hubspot-imports.ts';
import { HubspotObjects } from './hubspot-objects.ts';
import { HubspotOwners } from './hubspot-owners.ts';
import { listProperties } from './hubspot-property-list.ts';
import type { Service } from './service.ts';

/** The HubSpot look-alike: CRM v3 contacts and companies, owners, imports, in the shapes of HubSpot's public documentation. */
export function createHubspot(users: readonly Owner[], token: string): Service {
  const owners = new HubspotOwners(users);
  const ownerIds = new Set(users.map((owner) => owner.id));
  const contacts = new HubspotObjects('contacts', ownerIds);
  const companies = new HubspotObjects('companies', ownerIds);
  const imports = new HubspotImports({ contacts, companies });

  const route = (request: Request, faults: Faults): Answer | undefined => {
    const [, kind, rest] =
      /^\/crm\/v3\/(objects\/contacts|objects\/companies|owners|imports|properties\/contacts|properties\/companies)(?:\/(.+))?$/.exec(request.path) ?? [];
    if (kind === 'objects/contacts') return contacts.handle(request, rest, faults);
    if (kind === 'objects/companies') return companies.handle(request, rest, faults);
    if (kind === 'imports') return imports.handle(request, rest, faults);
    if (kind === 'properties/contacts' || kind === 'properties/companies')
      return { status: 200, body: listProperties(kind === 'properties/contacts' ? 'contacts' : 'companies') };
    if (kind === 'owners' && request.method === 'GET') return rest === undefined ? owners.list(request) : owners.one(rest);
    return undefined;
  };

  return {
    token,
    handle: (request, faults) =>
      correlated(route(request, faults) ?? { status: 404, body: hubspotError('OBJECT_NOT_FOUND', `resource not found: ${request.method} ${request.path}`) }),
    unauthorized: () =>
      correlated({
        status: 401,
        body: hubspotError('INVALID_AUTHENTICATION', 'Authentication credentials not found. This API supports OAuth 2.0 authentication.'),
      }),
    tooMany: (retryAfterSeconds) =>
      correlated({
        status: 429,
        body: { ...hubspotError('RATE_LIMITS', 'You have reached your secondly limit.'), errorType: 'RATE_LIMIT', policyName: 'SECONDLY' },
        headers: { 'retry-after': String(retryAfterSeconds) },
      }),
    failed: (status) => correlated({ status, body: hubspotError('INTERNAL_ERROR', status === 503 ? 'Service temporarily unavailable' : 'internal error') }),
    state: () => ({
      counts: { contacts: contacts.store.size, companies: companies.store.size, owners: owners.all.length },
      duplicates: { contacts: contacts.store.duplicates('email'), companies: companies.store.duplicates('domain') },
    }),
    records: (object) => (object === 'owners' ? owners.all : (object === 'companies' ? companies : contacts).store.all()),
  };
}

/** Every answer can be asked about at HubSpot's support by its correlation id. */
function correlated(answer: Answer): Answer {
  const { body } = answer;
  const own =
    typeof body === 'object' && body !== null && 'correlationId' in body && typeof body.correlationId === 'string' ? body.correlationId : randomUUID();
  return { ...answer, headers: { ...answer.headers, 'x-hubspot-correlation-id': own } };
}
