import type { Faults } from './faults.ts';
import type { Answer, Request } from './http-server.ts';
import { writeBatch } from './hubspot-batch.ts';
import { invalidRequest, refused } from './hubspot-error.ts';
import type { ObjectName } from './hubspot-properties.ts';
import { search } from './hubspot-search.ts';
import { shown } from './hubspot-shown.ts';
import { HubspotStore } from './hubspot-store.ts';
import { HubspotWrites, inputSchema } from './hubspot-writes.ts';

const LARGEST_PAGE = 100;
const SMALLEST_PAGE = 10;

/** The endpoints of one CRM object: list, one by id, search, batches. */
export class HubspotObjects {
  readonly store: HubspotStore;
  readonly writes: HubspotWrites;

  constructor(object: ObjectName, ownerIds: ReadonlySet<string>) {
    this.store = new HubspotStore(object);
    this.writes = new HubspotWrites(this.store, ownerIds);
  }

  /** @param rest the path behind the object's name. @returns undefined where there is no such endpoint */
  handle(request: Request, rest: string | undefined, faults: Faults): Answer | undefined {
    const { method, body } = request;
    if (rest === undefined) return method === 'GET' ? this.#list(request) : method === 'POST' ? this.#create(body, faults) : undefined;
    if (rest === 'search' && method === 'POST') return search(body, this.store);
    const kind = /^batch\/(create|update|upsert)$/.exec(rest)?.[1];
    if (method === 'POST' && (kind === 'create' || kind === 'update' || kind === 'upsert')) return writeBatch(kind, body, this.store, this.writes, faults);
    return rest.includes('/') ? undefined : this.#one(request, rest, faults);
  }

  #list({ query }: Request): Answer {
    const limit = Number(query.get('limit') ?? SMALLEST_PAGE);
    const after = Number(query.get('after') ?? 0);
    if (!Number.isInteger(limit) || limit < 1 || limit > LARGEST_PAGE) return invalidRequest(`limit must be a number from 1 to ${LARGEST_PAGE}`);
    if (!Number.isInteger(after)) return invalidRequest(`after is not a paging cursor token of a previous answer`);
    const { records, isLast } = this.store.page(after, limit);
    const last = records.at(-1);
    const paging = isLast || last === undefined ? {} : { paging: { next: { after: last.id } } };
    return { status: 200, body: { results: records.map((record) => shown(this.store.object, record, wantedProperties(query))), ...paging } };
  }

  #create(body: unknown, faults: Faults): Answer {
    const input = inputSchema.pick({ properties: true }).safeParse(body);
    if (!input.success) return invalidRequest('Invalid input JSON: properties are required');
    const refusal = this.writes.refusalOf('create', input.data, faults);
    if (refusal !== undefined) return refused(refusal);
    return { status: 201, body: shown(this.store.object, this.writes.write('create', input.data, faults).record) };
  }

  #one({ method, query, body }: Request, idOrValue: string, faults: Faults): Answer | undefined {
    const idProperty = query.get('idProperty');
    const value = decodeURIComponent(idOrValue);
    const record = idProperty === null ? this.store.get(value) : this.store.find(idProperty, value)[0];
    if (method === 'DELETE') {
      // Archiving what is archived already is answered in the same way.
      this.store.archive(record?.id ?? value);
      return { status: 204, body: undefined };
    }
    if (method !== 'GET' && method !== 'PATCH') return undefined;
    if (record === undefined) return { status: 404, body: { status: 'error', message: 'resource not found', category: 'OBJECT_NOT_FOUND' } };
    if (method === 'GET') return { status: 200, body: shown(this.store.object, record, wantedProperties(query)) };
    const input = inputSchema.pick({ properties: true }).safeParse(body);
    if (!input.success) return invalidRequest('Invalid input JSON: properties are required');
    const change = { ...input.data, id: record.id };
    const refusal = this.writes.refusalOf('update', change, faults);
    return refusal === undefined ? { status: 200, body: shown(this.store.object, this.writes.write('update', change, faults).record) } : refused(refusal);
  }
}

/** `properties=a,b` or `properties=a&properties=b`. */
function wantedProperties(query: URLSearchParams): readonly string[] | undefined {
  return query.has('properties') ? query.getAll('properties').flatMap((names) => names.split(',')) : undefined;
}
