import { z } from 'zod';
import type { Answer } from './http-server.ts';
import { invalidRequest } from './hubspot-error.ts';
import { shown } from './hubspot-shown.ts';
import type { HubspotStore, StoredRecord } from './hubspot-store.ts';

const LARGEST_PAGE = 200;
/** The search cannot be paged further. */
const LAST_RESULT = 10_000;

const filterSchema = z.discriminatedUnion('operator', [
  z.object({ propertyName: z.string(), operator: z.literal('EQ'), value: z.string() }),
  z.object({ propertyName: z.string(), operator: z.literal('IN'), values: z.array(z.string()).min(1) }),
  z.object({ propertyName: z.string(), operator: z.literal('GTE'), value: z.string() }),
]);
const searchSchema = z.object({
  filterGroups: z
    .array(z.object({ filters: z.array(filterSchema).min(1).max(6) }))
    .max(5)
    .default([]),
  properties: z.array(z.string()).optional(),
  limit: z.int().min(1).max(LARGEST_PAGE).default(10),
  after: z.coerce.number().int().min(0).default(0),
});
type Filter = z.output<typeof filterSchema>;

/** `search` ("Search the CRM"): groups are joined by OR, their filters by AND. New records appear after the indexing delay. */
export function search(body: unknown, store: HubspotStore): Answer {
  const parsed = searchSchema.safeParse(body ?? {});
  if (!parsed.success) return invalidRequest(`There was a problem with the request: ${z.prettifyError(parsed.error)}`);
  const { filterGroups, properties, limit, after } = parsed.data;
  if (after + limit > LAST_RESULT) return invalidRequest(`The search returns at most ${LAST_RESULT} results`);
  const nowMs = Date.now();
  const found = filterGroups.length === 0 ? store.all() : [...new Set(filterGroups.flatMap(({ filters }) => matching(filters, store)))];
  const visible = found.filter((record) => record.visibleAtMs <= nowMs);
  const results = visible.slice(after, after + limit).map((record) => shown(store.object, record, properties));
  const paging = after + limit < visible.length ? { paging: { next: { after: String(after + limit) } } } : {};
  return { status: 200, body: { total: visible.length, results, ...paging } };
}

function matching([first, ...others]: readonly Filter[], store: HubspotStore): readonly StoredRecord[] {
  if (first === undefined) return [];
  return candidates(first, store).filter((record) => others.every((filter) => matches(filter, record)));
}

function candidates(filter: Filter, store: HubspotStore): readonly StoredRecord[] {
  if (filter.operator === 'EQ') return store.find(filter.propertyName, filter.value);
  if (filter.operator === 'IN') return filter.values.flatMap((value) => store.find(filter.propertyName, value));
  return store.all().filter((record) => matches(filter, record));
}

function matches(filter: Filter, record: StoredRecord): boolean {
  const value = (record.properties[filter.propertyName] ?? '').toLowerCase();
  if (filter.operator === 'EQ') return value === filter.value.toLowerCase();
  if (filter.operator === 'IN') return filter.values.some((wanted) => wanted.toLowerCase() === value);
  return value !== '' && toComparable(value) >= toComparable(filter.value);
}

/** Times may be given in milliseconds or in ISO 8601. */
function toComparable(value: string): number {
  return /^\d+$/.test(value) ? Number(value) : Date.parse(value);
}
