import type { TestContext } from 'node:test';
import { type DocumentNode, GraphQLError, type GraphQLNamedType, getNamedType, isObjectType, Kind, type SelectionSetNode } from 'graphql';
import { answered, type Bucket, GraphServer, type Variables } from './graph-server.ts';
import { ShopBulk } from './shopify-bulk.ts';
import { SHOPIFY } from './shopify-schema.ts';

export const TOKEN = 'shpat_test';
const PATH = '/admin/api/2026-10/graphql.json';
/** https://shopify.dev/docs/apps/build/apis/graphql-admin/rate-limits: of the standard plan. */
const STANDARD: Bucket = { maximum: 2_000, restoreRate: 100 };
const SINGLE_QUERY_LIMIT = 1_000;

type Row = Record<string, unknown> & { readonly id: string; updatedAt: string };
interface ListArguments {
  readonly first?: number;
  readonly after?: string;
  readonly query?: string;
}

/** A shop: products, customers and orders in memory, by the public documentation of the Admin API; a test says what it denies. */
export class Shop {
  readonly products: Row[] = [];
  readonly customers: Row[] = [];
  readonly orders: Row[] = [];
  /** A scope that the app does not have: the field that is denied. */
  denied: string | undefined;
  /** Customers may be written, and not read. */
  hidesCustomers = false;
  readonly bulk: ShopBulk = new ShopBulk(SHOPIFY, () => this.#resolvers());
  #server: GraphServer | undefined;
  #next = 1;

  static async open(context: TestContext, bucket: Bucket = STANDARD): Promise<Shop> {
    const shop = new Shop();
    await shop.bulk.open(context);
    const admit: NonNullable<Parameters<typeof GraphServer.start>[1]['admit']> = ({ headers, path, query, cost }) => {
      if (path !== PATH) return ['{"errors":"Not Found"}', { status: 404, statusText: 'Not Found', headers: { 'content-type': 'application/json' } }];
      if (headers['x-shopify-access-token'] !== TOKEN)
        return [
          '{"errors":"[API] Invalid API key or access token (unrecognized login or wrong password)"}',
          { status: 401, statusText: 'Unauthorized', headers: { 'content-type': 'application/json' } },
        ];
      if (cost > SINGLE_QUERY_LIMIT)
        return answered({
          errors: [
            {
              message: `Query cost is ${cost}, which exceeds the single query max cost limit (1000).`,
              extensions: { code: 'MAX_COST_EXCEEDED', cost, maxCost: 1_000 },
            },
          ],
        });
      if (shop.denied !== undefined && query.includes(shop.denied))
        return answered({
          data: null,
          errors: [{ message: `Access denied for ${shop.denied} field.`, path: [shop.denied], extensions: { code: 'ACCESS_DENIED' } }],
        });
      return undefined;
    };
    shop.#server = await GraphServer.start(context, { schema: SHOPIFY, rootValue: shop.#resolvers(), bucket, costOf, admit });
    return shop;
  }

  get server(): GraphServer {
    if (this.#server === undefined) throw new Error('the shop is not open');
    return this.#server;
  }

  addProduct(fields: Record<string, unknown>): Row {
    const texts = {
      descriptionHtml: '',
      vendor: 'Acme',
      productType: '',
      status: 'ACTIVE',
      tags: [],
      templateSuffix: null,
      totalInventory: 0,
      publishedAt: null,
    };
    return this.#add(this.products, 'Product', { title: 'Untitled', ...texts, ...fields });
  }

  addCustomer({ email = null, phone = null, ...fields }: Record<string, unknown>): Row {
    const own = { note: null, tags: [], locale: 'en', state: 'DISABLED', taxExempt: false, numberOfOrders: '0', displayName: 'Someone' };
    return this.#add(this.customers, 'Customer', { ...own, email, phone, ...fields });
  }

  addOrder(fields: Record<string, unknown>): Row {
    const money = { shopMoney: { amount: '12.50', currencyCode: 'EUR' } };
    const own = {
      name: '#1001',
      tags: [],
      currencyCode: 'EUR',
      displayFulfillmentStatus: 'UNFULFILLED',
      processedAt: '2026-01-01T00:00:00Z',
      totalPriceSet: money,
      items: 1,
    };
    return this.#add(this.orders, 'Order', { ...own, ...fields });
  }

  #add(rows: Row[], type: string, fields: Record<string, unknown>): Row {
    const at = new Date(Date.UTC(2026, 0, 1, 0, this.#next)).toISOString().replace('.000', '');
    const row = { createdAt: at, updatedAt: at, ...fields, id: `gid://shopify/${type}/${this.#next}` };
    this.#next += 1;
    rows.push(row);
    return row;
  }

  #resolvers() {
    const customer = (row: Row) => ({
      ...row,
      defaultEmailAddress: row['email'] === null ? null : { emailAddress: row['email'] },
      defaultPhoneNumber: row['phone'] === null ? null : { phoneNumber: row['phone'] },
    });
    const order = (row: Row) => ({ ...row, lineItems: ({ first = 0 }: ListArguments) => itemsOf(Number(row['items']), first) });
    const find = (rows: readonly Row[], test: (row: Row) => boolean) => rows.find(test);
    const remove = (rows: Row[], id: string) => {
      const at = rows.findIndex((row) => row.id === id);
      return at >= 0 && rows.splice(at, 1).length === 1;
    };
    const gone = (what: string) => [{ field: ['id'], message: `${what} does not exist` }];
    const takes = (row: Row, fields: Record<string, unknown>) => Object.assign(row, fields, { id: row.id, updatedAt: '2026-06-01T00:00:00Z' });
    return {
      ...this.bulk.resolvers(),
      shop: { id: 'gid://shopify/Shop/1', name: 'Acme' },
      products: (given: ListArguments) => connection(this.products, given),
      customers: (given: ListArguments) => connection(this.customers.map(customer), given),
      orders: (given: ListArguments) => connection(this.orders.map(order), given),
      product: ({ id }: Row) => find(this.products, (row) => row.id === id) ?? null,
      customer: ({ id }: Row) => this.customers.filter((row) => row.id === id).map(customer)[0] ?? null,
      order: ({ id }: Row) => this.orders.filter((row) => row.id === id).map(order)[0] ?? null,
      productSet: ({ identifier, input }: { identifier?: { handle?: string }; input: Record<string, unknown> }) => {
        const known = find(this.products, (row) => row['handle'] === identifier?.handle);
        if (known === undefined && input['title'] === undefined)
          return { product: null, userErrors: [{ code: 'INVALID_INPUT', field: ['input', 'title'], message: "Title can't be blank" }] };
        return { product: known === undefined ? this.addProduct({ ...identifier, ...input }) : takes(known, input), userErrors: [] };
      },
      productCreate: ({ product: input }: { product: Record<string, unknown> }) =>
        input['title'] === undefined
          ? { product: null, userErrors: [{ field: ['title'], message: "Title can't be blank" }] }
          : { product: this.addProduct(input), userErrors: [] },
      productUpdate: ({ product: input }: { product: Record<string, unknown> }) => {
        const known = find(this.products, (row) => row.id === input['id']);
        return known === undefined ? { product: null, userErrors: gone('Product') } : { product: takes(known, input), userErrors: [] };
      },
      productDelete: ({ input: { id } }: { input: Row }) =>
        remove(this.products, id) ? { deletedProductId: id, userErrors: [] } : { deletedProductId: null, userErrors: gone('Product') },
      customerSet: ({ identifier = {}, input }: { identifier?: Record<string, unknown>; input: Record<string, unknown> }) => {
        if (this.denied === 'customerSet write') throw new GraphQLError('Access denied for customerSet field.', { extensions: { code: 'ACCESS_DENIED' } });
        const [[key, value] = ['', undefined]] = Object.entries(identifier);
        const known = find(this.customers, (row) => row[key] === value);
        const isTaken = input['phone'] !== undefined && this.customers.some((row) => row !== known && row['phone'] === input['phone']);
        if (isTaken) return { customer: null, userErrors: [{ code: 'TAKEN', field: ['input', 'phone'], message: 'Phone has already been taken' }] };
        const set = known === undefined ? this.addCustomer({ ...identifier, ...input }) : takes(known, input);
        const shown = () => {
          if (!this.hidesCustomers) return customer(set);
          throw new GraphQLError('This app is not approved to access the Customer object.', { extensions: { code: 'ACCESS_DENIED' } });
        };
        return { customer: shown, userErrors: [] };
      },
      customerCreate: ({ input }: { input: Record<string, unknown> }) => ({ customer: customer(this.addCustomer(input)), userErrors: [] }),
      customerUpdate: ({ input }: { input: Record<string, unknown> }) => {
        const known = find(this.customers, (row) => row.id === input['id']);
        return known === undefined ? { customer: null, userErrors: gone('Customer') } : { customer: customer(takes(known, input)), userErrors: [] };
      },
      customerDelete: ({ input: { id } }: { input: Row }) =>
        remove(this.customers, id) ? { deletedCustomerId: id, userErrors: [] } : { deletedCustomerId: null, userErrors: gone('Customer') },
    };
  }
}

/** `updated_at:>='…'`, and `email:"…" OR email:"…"`: https://shopify.dev/docs/api/usage/search-syntax */
function connection(rows: readonly Row[], { first = 0, after, query }: ListArguments) {
  const [, since] = /^updated_at:>='([^']+)'$/.exec(query ?? '') ?? [];
  const terms = [...(query ?? '').matchAll(/(\w+):"([^"]*)"/g)].map(([, name = '', value = '']) => ({ name, value }));
  if (query !== undefined && query !== null && since === undefined && terms.length === 0) throw new GraphQLError(`unknown query ${query}`);
  const found = rows
    .filter((row) => since === undefined || Date.parse(row.updatedAt) >= Date.parse(since))
    .filter((row) => terms.length === 0 || terms.some(({ name, value }) => String(row[name]).toLowerCase() === value.toLowerCase()))
    .toSorted((one, other) => Date.parse(one.updatedAt) - Date.parse(other.updatedAt));
  const from = after === undefined || after === null ? 0 : Number(Buffer.from(after, 'base64').toString());
  const nodes = found.slice(from, from + first);
  const end = from + nodes.length;
  return { nodes, pageInfo: { hasNextPage: end < found.length, hasPreviousPage: from > 0, endCursor: Buffer.from(String(end)).toString('base64') } };
}

function itemsOf(count: number, first: number) {
  const nodes = Array.from({ length: Math.min(count, first) }, (_, index) => ({ id: `gid://shopify/LineItem/${index}`, title: 'A', sku: null, quantity: 1 }));
  return { nodes, pageInfo: { hasNextPage: count > first, hasPreviousPage: false } };
}

/** By the page on rate limits: scalars and enums nothing, an object 1, a connection by its `first`, a mutation 10. unverified: that its `nodes` and `pageInfo` add nothing of their own. */
function costOf(document: DocumentNode, variables: Variables): number {
  const [operation] = document.definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION);
  if (operation === undefined) return 0;
  if (operation.operation === 'mutation') return operation.selectionSet.selections.length * 10;
  const root = SHOPIFY.getQueryType();
  return root === undefined || root === null ? 0 : costOfSelection(root, operation.selectionSet, variables);
}

function costOfSelection(type: GraphQLNamedType, { selections }: SelectionSetNode, variables: Variables): number {
  let cost = 0;
  for (const selection of selections) {
    if (selection.kind !== Kind.FIELD || selection.selectionSet === undefined || !isObjectType(type)) continue;
    const field = type.getFields()[selection.name.value];
    if (field === undefined || selection.name.value === 'pageInfo') continue;
    const inner = getNamedType(field.type);
    const first = selection.arguments?.find(({ name }) => name.value === 'first')?.value;
    const size = first?.kind === Kind.INT ? Number(first.value) : first?.kind === Kind.VARIABLE ? Number(variables[first.name.value]) : undefined;
    const inside = costOfSelection(inner, selection.selectionSet, variables);
    // Of a connection the objects are those of its nodes.
    cost += size !== undefined ? size * inside + 2 : selection.name.value === 'nodes' ? inside + 1 : inside + 1;
  }
  return cost;
}
