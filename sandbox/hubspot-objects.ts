import { z } from 'zod';
import type { Answer, Request } from './http-server.ts';
import { hubspotError } from './hubspot-error.ts';

const LARGEST_BATCH = 100;
const propertiesSchema = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]));
const inputSchema = z.object({ id: z.string().optional(), idProperty: z.string().optional(), objectWriteTraceId: z.string().optional(), properties: propertiesSchema });
const batchSchema = z.object({ inputs: z.array(inputSchema) });
const searchSchema = z.object({ filterGroups: z.array(z.object({ filters: z.array(z.object({ propertyName: z.string(), values: z.array(z.string()) })) })) });
type Input = z.output<typeof inputSchema>;

const KNOWN_PROPERTIES = new Set(['email', 'firstname', 'lastname', 'phone', 'company', 'lifecyclestage', 'hubspot_owner_id', 'country', 'name', 'domain', 'industry', 'city']);
const STAGES = new Set(['subscriber', 'lead', 'customer', 'other']);

interface Stored {
  readonly id: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly visibleAt: number;
}

/** One kind of CRM object: batch upsert, create and update with 207, list, search, one by id. */
export class HubspotObjects {
  readonly #name: string;
  readonly #indexingDelayMs: () => number;
  readonly #byId = new Map<string, Stored>();
  readonly #idByEmail = new Map<string, string>();
  #lastId = 100_000;

  constructor(name: string, indexingDelayMs: () => number) {
    this.#name = name;
    this.#indexingDelayMs = indexingDelayMs;
  }

  get size(): number {
    return this.#byId.size;
  }

  all(): readonly Stored[] {
    return [...this.#byId.values()];
  }

  handle(request: Request, rest: string | undefined): Answer | undefined {
    if (rest === undefined) return request.method === 'GET' ? this.#list(request) : request.method === 'POST' ? this.#createOne(request) : undefined;
    if (rest === 'search' && request.method === 'POST') return this.#search(request);
    const batch = /^batch\/(upsert|create|update)$/.exec(rest)?.[1];
    if (batch !== undefined && request.method === 'POST') return this.#batch(request, batch);
    return rest.includes('/') ? undefined : this.#one(request, rest);
  }

  #batch(request: Request, kind: string): Answer {
    const parsed = batchSchema.safeParse(request.body);
    if (!parsed.success) return { status: 400, body: hubspotError('VALIDATION_ERROR', z.prettifyError(parsed.error)) };
    const { inputs } = parsed.data;
    if (inputs.length > LARGEST_BATCH) return { status: 400, body: hubspotError('VALIDATION_ERROR', `The maximum batch size is ${LARGEST_BATCH}`) };
    const unknown = inputs.flatMap((input) => Object.keys(input.properties)).find((name) => !KNOWN_PROPERTIES.has(name));
    if (unknown !== undefined) return { status: 400, body: hubspotError('PROPERTY_DOESNT_EXIST', `Property "${unknown}" does not exist`) };
    const keys = inputs.map((input) => (kind === 'upsert' ? (input.id ?? '').toLowerCase() : undefined)).filter((key) => key !== undefined);
    if (new Set(keys).size < keys.length) return { status: 400, body: hubspotError('VALIDATION_ERROR', 'Duplicate IDs found in batch input') };
    const results: unknown[] = [];
    const errors: unknown[] = [];
    for (const input of inputs) {
      const refusal = this.#refusalOf(input, kind);
      const trace = input.objectWriteTraceId === undefined ? {} : { objectWriteTraceId: input.objectWriteTraceId };
      if (refusal !== undefined) errors.push({ status: 'error', ...refusal, context: input.objectWriteTraceId === undefined ? {} : { objectWriteTraceId: [input.objectWriteTraceId] } });
      else results.push({ ...shown(this.#write(input, kind)), ...(kind === 'upsert' ? { new: this.#wasNew } : {}), ...trace });
    }
    const body = { status: 'COMPLETE', results, startedAt: new Date().toISOString(), completedAt: new Date().toISOString() };
    return errors.length === 0 ? { status: 200, body } : { status: 207, body: { ...body, numErrors: errors.length, errors } };
  }

  #refusalOf(input: Input, kind: string): { category: string; message: string } | undefined {
    const email = kind === 'upsert' ? input.id : input.properties['email'];
    if (this.#name === 'contacts' && typeof email === 'string' && email.endsWith('@blocked.test')) {
      return { category: 'VALIDATION_ERROR', message: `Email address ${email} is invalid: the domain is on the block list` };
    }
    const stage = input.properties['lifecyclestage'];
    if (typeof stage === 'string' && stage !== '' && !STAGES.has(stage)) return { category: 'VALIDATION_ERROR', message: `"${stage}" was not one of the allowed options of lifecyclestage` };
    if (kind === 'create' && typeof email === 'string' && this.#idByEmail.has(email.toLowerCase())) return { category: 'CONFLICT', message: `Contact already exists. Existing ID: ${this.#idByEmail.get(email.toLowerCase())}` };
    if (kind === 'update' && (input.id === undefined || !this.#byId.has(input.id))) return { category: 'OBJECT_NOT_FOUND', message: 'Could not get some objects' };
    return undefined;
  }

  #wasNew = false;

  #write(input: Input, kind: string): Stored {
    const id = kind === 'upsert' ? this.#idByEmail.get((input.id ?? '').toLowerCase()) : kind === 'update' ? input.id : undefined;
    const known = id === undefined ? undefined : this.#byId.get(id);
    this.#wasNew = known === undefined;
    const now = new Date().toISOString();
    const written = Object.fromEntries(Object.entries(input.properties).map(([name, value]) => [name, value === null ? '' : String(value)]));
    const stored: Stored = {
      id: known?.id ?? String(++this.#lastId),
      properties: { ...known?.properties, ...(kind === 'upsert' ? { [input.idProperty ?? 'email']: (input.id ?? '').toLowerCase() } : {}), ...written },
      createdAt: known?.createdAt ?? now,
      updatedAt: now,
      visibleAt: known?.visibleAt ?? Date.now() + this.#indexingDelayMs(),
    };
    this.#byId.set(stored.id, stored);
    const email = stored.properties['email'];
    if (email !== undefined) this.#idByEmail.set(email.toLowerCase(), stored.id);
    return stored;
  }

  #createOne(request: Request): Answer {
    const parsed = inputSchema.safeParse(request.body);
    if (!parsed.success) return { status: 400, body: hubspotError('VALIDATION_ERROR', z.prettifyError(parsed.error)) };
    const refusal = this.#refusalOf(parsed.data, 'create');
    return refusal === undefined ? { status: 201, body: shown(this.#write(parsed.data, 'create')) } : { status: refusal.category === 'CONFLICT' ? 409 : 400, body: hubspotError(refusal.category, refusal.message) };
  }

  #one(request: Request, id: string): Answer {
    const stored = this.#byId.get(id);
    if (request.method === 'DELETE') {
      this.#byId.delete(id);
      this.#idByEmail.delete(stored?.properties['email']?.toLowerCase() ?? '');
      return { status: 204, body: undefined };
    }
    if (stored === undefined) return { status: 404, body: hubspotError('OBJECT_NOT_FOUND', `no ${this.#name} with id ${id}`) };
    if (request.method === 'GET') return { status: 200, body: shown(stored) };
    const parsed = inputSchema.safeParse(request.body);
    if (request.method !== 'PATCH' || !parsed.success) return { status: 400, body: hubspotError('VALIDATION_ERROR', 'properties are required') };
    return { status: 200, body: shown(this.#write({ ...parsed.data, id }, 'update')) };
  }

  #list({ query }: Request): Answer {
    const from = Number(query.get('after') ?? 0);
    const limit = Math.min(100, Number(query.get('limit') ?? 10));
    const all = this.all();
    const paging = from + limit < all.length ? { paging: { next: { after: String(from + limit) } } } : {};
    return { status: 200, body: { results: all.slice(from, from + limit).map(shown), ...paging } };
  }

  #search(request: Request): Answer {
    const parsed = searchSchema.safeParse(request.body);
    const filter = parsed.data?.filterGroups[0]?.filters[0];
    if (filter === undefined) return { status: 400, body: hubspotError('VALIDATION_ERROR', 'one filter is required') };
    const wanted = new Set(filter.values.map((value) => value.toLowerCase()));
    const results = this.all().filter((stored) => stored.visibleAt <= Date.now() && wanted.has((stored.properties[filter.propertyName] ?? '').toLowerCase()));
    return { status: 200, body: { total: results.length, results: results.slice(0, 100).map(shown) } };
  }
}

function shown({ visibleAt: _, ...stored }: Stored): Record<string, unknown> {
  return { ...stored, archived: false };
}
