import type { Answer, Request } from './http-server.ts';
import type { Service } from './service.ts';

/** What Stripe's documentation says of a customer, as far as the look-alike has it. */
export interface StripeCustomer {
  readonly id: string;
  readonly object: 'customer';
  readonly created: number;
  readonly email: string | null;
  readonly name: string | null;
  readonly phone: string | null;
  readonly delinquent: boolean;
}

export interface StripeInvoice {
  readonly id: string;
  readonly object: 'invoice';
  readonly created: number;
  readonly number: string;
  readonly customer: string;
  readonly status: 'open' | 'paid';
  readonly attempt_count: number;
  readonly amount_remaining: number;
  readonly currency: 'eur';
}

type StripeRecord = StripeCustomer | StripeInvoice;

const LARGEST_PAGE = 100;
const DEFAULT_PAGE = 10;

/** A look-alike of Stripe's API v1 to read from: lists of customers and invoices, newest first, and one of them by its id (docs.stripe.com/api/pagination, …/errors). */
export function createStripe(records: { readonly customers: readonly StripeCustomer[]; readonly invoices: readonly StripeInvoice[] }, token: string): Service {
  const route = ({ method, path, query }: Request): Answer => {
    const [, collection, id] = /^\/v1\/(customers|invoices)(?:\/([^/]+))?$/.exec(path) ?? [];
    if (method !== 'GET' || (collection !== 'customers' && collection !== 'invoices')) return refusal(404, `Unrecognized request URL (${method}: ${path}).`);
    if (id === undefined) return listed(records[collection], path, query);
    const found = records[collection].find((record) => record.id === id);
    return found === undefined ? refusal(404, `No such ${collection.slice(0, -1)}: '${id}'`, 'resource_missing') : { status: 200, body: found };
  };
  return {
    token,
    handle: route,
    unauthorized: () => refusal(401, 'Invalid API Key provided: ****'),
    tooMany: () => refusal(429, 'Request rate limit exceeded.', 'rate_limit'),
    failed: (status) => ({ status, body: { error: { type: 'api_error', message: 'An unknown error occurred.' } } }),
    state: () => ({ counts: { customers: records.customers.length, invoices: records.invoices.length } }),
    records: (object) => (object === 'invoices' ? records.invoices : records.customers),
  };
}

/** Newest first; `starting_after` is an id, `created[gte]` and `created[lt]` seconds. */
function listed(all: readonly StripeRecord[], url: string, query: URLSearchParams): Answer {
  const limit = Number(query.get('limit') ?? DEFAULT_PAGE);
  if (!Number.isInteger(limit) || limit < 1 || limit > LARGEST_PAGE)
    return refusal(400, `Invalid integer: ${query.get('limit') ?? ''}`, 'parameter_invalid_integer');
  const [least, end] = [Number(query.get('created[gte]') ?? 0), Number(query.get('created[lt]') ?? Number.MAX_SAFE_INTEGER)];
  const inWindow = all
    .filter(({ created }) => created >= least && created < end)
    .toSorted((one, other) => other.created - one.created || (one.id < other.id ? 1 : -1));
  const after = query.get('starting_after');
  const last = after === null ? -1 : inWindow.findIndex(({ id }) => id === after);
  if (after !== null && last < 0) return refusal(400, `No such object: '${after}'`, 'resource_missing');
  const data = inWindow.slice(last + 1, last + 1 + limit);
  return { status: 200, body: { object: 'list', url, has_more: last + 1 + limit < inWindow.length, data } };
}

function refusal(status: number, message: string, code?: string): Answer {
  return { status, body: { error: { type: 'invalid_request_error', message, ...(code === undefined ? {} : { code }) } } };
}
