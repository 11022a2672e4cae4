import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import swagger from '@fastify/swagger';
import { serve } from '@hono/node-server';
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import fastify from 'fastify';

/** A server that describes itself, and what is to be found there. */
export interface Maker {
  /** Of its description. */
  readonly url: string;
  readonly object: string;
  readonly keys: readonly string[];
}

export const TOKEN = 'maker-token-1';
const COUNT = 23;
const KEYS = Array.from({ length: COUNT }, (_, index) => String(index + 1));

/** OpenAPI 3.0 by @fastify/swagger: numbered pages below `/api`, a bearer token, one record in `data`. */
export async function startFastify(context: TestContext): Promise<Maker> {
  const app = fastify();
  const contact = { type: 'object', properties: { id: { type: 'integer' }, email: { type: 'string' }, updated_at: { type: 'string', format: 'date-time' } } };
  const records = KEYS.map((key) => ({ id: Number(key), email: `c${key}@x.test`, updated_at: '2026-01-01T00:00:00Z' }));
  await app.register(swagger, {
    openapi: {
      openapi: '3.0.3',
      info: { title: 'Contacts: by fastify', version: '1' },
      servers: [{ url: '/api' }],
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
      security: [{ token: [] }],
    },
  });
  app.addHook('onRequest', async (request, reply) => {
    if (request.url !== '/openapi.json' && request.headers.authorization !== `Bearer ${TOKEN}`) await reply.code(401).send({ message: 'no token' });
  });
  await app.register(
    async (api) => {
      const querystring = {
        type: 'object',
        properties: {
          page: { type: 'integer', minimum: 1, default: 1 },
          per_page: { type: 'integer', maximum: 10, default: 5 },
          updated_since: { type: 'string', format: 'date-time' },
        },
      } as const;
      const list = {
        type: 'object',
        properties: { data: { type: 'array', items: contact }, meta: { type: 'object', properties: { total: { type: 'integer' } } } },
      };
      api.get<{ Querystring: { page: number; per_page: number } }>('/contacts', { schema: { querystring, response: { 200: list } } }, async ({ query }) => ({
        data: records.slice((query.page - 1) * query.per_page, query.page * query.per_page),
        meta: { total: COUNT },
      }));
      const params = { type: 'object', properties: { contactId: { type: 'integer' } } };
      const one = { type: 'object', properties: { data: contact } };
      api.get<{ Params: { contactId: number } }>('/contacts/:contactId', { schema: { params, response: { 200: one } } }, async ({ params: { contactId } }) => ({
        data: records[contactId - 1],
      }));
      api.post('/contacts', { schema: { body: { type: 'object', properties: { contact } }, response: { 201: one } } }, async () => ({ data: records[0] }));
      api.get<{ Params: { contactId: number } }>(
        '/contacts/:contactId/notes',
        { schema: { params, response: { 200: { type: 'array', items: contact } } } },
        async ({ params: { contactId } }) => (contactId === 7 ? [{ id: 70 }, { id: 71 }] : []),
      );
    },
    { prefix: '/api' },
  );
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger());
  await app.listen({ host: '127.0.0.1', port: 0 });
  context.after(() => app.close());
  const [address] = app.addresses();
  return { url: `http://127.0.0.1:${portOf(address ?? null)}/openapi.json`, object: 'contacts', keys: KEYS };
}

/** OpenAPI 3.1 by @hono/zod-openapi: a cursor in camel case, a key in a header, a key that is no `id`. */
export async function startHono(context: TestContext): Promise<Maker> {
  const app = new OpenAPIHono();
  const invoice = z.object({ invoiceId: z.string(), total: z.number(), modifiedAt: z.string() }).openapi('Invoice');
  const page = z.object({ invoices: z.array(invoice), pageInfo: z.object({ nextCursor: z.string().nullable(), hasMore: z.boolean() }) });
  app.openAPIRegistry.registerComponent('securitySchemes', 'key', { type: 'apiKey', in: 'header', name: 'X-Api-Key' });
  const query = z.object({ cursor: z.string().optional(), limit: z.coerce.number().int().max(8).default(4), tenant: z.literal('main') });
  const answer = { description: 'a page', content: { 'application/json': { schema: page } } };
  const route = createRoute({ method: 'get', path: '/v1/invoices', security: [{ key: [] }], request: { query }, responses: { 200: answer } });
  app.use('/v1/*', async (asked, next) => (asked.req.header('x-api-key') === TOKEN ? next() : asked.json({ error: 'no key' }, 401)));
  app.openapi(route, (asked) => {
    const { cursor, limit } = asked.req.valid('query');
    const from = cursor === undefined ? 0 : Number(cursor.replace('after-', ''));
    const invoices = KEYS.slice(from, from + limit).map((key) => ({ invoiceId: key, total: 10, modifiedAt: '2026-01-01T00:00:00Z' }));
    const isMore = from + limit < COUNT;
    return asked.json({ invoices, pageInfo: { nextCursor: isMore ? `after-${from + limit}` : null, hasMore: isMore } }, 200);
  });
  app.doc31('/openapi.json', { openapi: '3.1.0', info: { title: 'Invoices', version: '1' } });
  const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 });
  await new Promise<void>((resolve) => server.once('listening', () => resolve()));
  context.after(() => new Promise((resolve) => server.close(resolve)));
  return { url: `http://127.0.0.1:${portOf(server.address())}/openapi.json`, object: 'invoices', keys: KEYS };
}

/** Swagger 2.0 as springfox writes it: pages of Spring Data that count from 0, names in guillemets, HTTP basic. */
export async function startSpring(context: TestContext): Promise<Maker> {
  const description = (host: string) => ({
    swagger: '2.0',
    info: { title: 'Order API', version: '1.0' },
    host,
    basePath: '/shop',
    schemes: ['http'],
    securityDefinitions: { basicAuth: { type: 'basic' } },
    paths: {
      '/orders': {
        get: {
          operationId: 'findAllUsingGET',
          produces: ['*/*'],
          parameters: [
            { name: 'page', in: 'query', description: 'Results page you want to retrieve (0..N)', type: 'string' },
            { name: 'size', in: 'query', description: 'Number of records per page.', type: 'integer', default: 9 },
          ],
          responses: { 200: { description: 'OK', schema: { $ref: '#/definitions/Page«OrderDto»' } } },
        },
      },
      '/orders/{id}': {
        get: { parameters: [{ name: 'id', in: 'path', required: true, type: 'integer' }], responses: { 200: { schema: { $ref: '#/definitions/OrderDto' } } } },
        put: {
          parameters: [{ in: 'body', name: 'order', required: true, schema: { $ref: '#/definitions/OrderDto' } }],
          responses: { 200: { schema: { $ref: '#/definitions/OrderDto' } } },
        },
        delete: { responses: { 204: { description: 'gone' } } },
      },
    },
    definitions: {
      OrderDto: {
        type: 'object',
        properties: { id: { type: 'integer', format: 'int64' }, lastModifiedDate: { type: 'string' }, parent: { $ref: '#/definitions/OrderDto' } },
      },
      'Page«OrderDto»': {
        type: 'object',
        properties: {
          content: { type: 'array', items: { $ref: '#/definitions/OrderDto' } },
          last: { type: 'boolean' },
          number: { type: 'integer' },
          sort: { type: 'array', items: { type: 'object', properties: { property: { type: 'string' } } } },
          totalElements: { type: 'integer' },
          totalPages: { type: 'integer' },
        },
      },
    },
  });
  return startPlain(context, 'orders', description, (url) => {
    const size = Number(url.searchParams.get('size') ?? 20);
    const page = Number(url.searchParams.get('page') ?? 0);
    const content = KEYS.slice(page * size, (page + 1) * size).map((key) => ({ id: Number(key), lastModifiedDate: '2026-01-01' }));
    return { content, last: (page + 1) * size >= COUNT, number: page, sort: [], totalElements: COUNT, totalPages: Math.ceil(COUNT / size) };
  });
}

/** OpenAPI 3.1 as FastAPI writes it: a bare list at a path with a slash at its end, `skip` and `limit`. */
export async function startFastApi(context: TestContext): Promise<Maker> {
  const description = () => ({
    openapi: '3.1.0',
    info: { title: 'FastAPI', version: '0.1.0' },
    paths: {
      '/items/': {
        get: {
          operationId: 'read_items_items__get',
          parameters: [
            { name: 'skip', in: 'query', required: false, schema: { type: 'integer', default: 0 } },
            { name: 'limit', in: 'query', required: false, schema: { type: 'integer', maximum: 7, default: 3 } },
          ],
          responses: { 200: { content: { 'application/json': { schema: { type: 'array', items: { $ref: '#/components/schemas/Item' } } } } } },
        },
      },
      '/health': { get: { responses: { 200: { content: { 'application/json': { schema: {} } } } } } },
    },
    components: {
      schemas: { Item: { type: 'object', properties: { id: { type: 'integer' }, note: { anyOf: [{ type: 'string' }, { type: 'null' }], title: 'Note' } } } },
    },
  });
  return startPlain(context, 'items', description, (url) => {
    const skip = Number(url.searchParams.get('skip') ?? 0);
    return KEYS.slice(skip, skip + Number(url.searchParams.get('limit') ?? 3)).map((key) => ({ id: Number(key), note: null }));
  });
}

async function startPlain(context: TestContext, object: string, description: (host: string) => unknown, list: (url: URL) => unknown): Promise<Maker> {
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://plain');
    const answer = (status: number, body: unknown) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (url.pathname === '/v2/api-docs') return answer(200, description(request.headers.host ?? ''));
    const isAllowed = object === 'items' || request.headers.authorization === `Basic ${Buffer.from(`anna:${TOKEN}`).toString('base64')}`;
    if (!isAllowed) return answer(401, { message: 'who?' });
    return url.pathname.replace(/\/$/, '').endsWith(`/${object}`) ? answer(200, list(url)) : answer(404, { message: 'no such page' });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { url: `http://127.0.0.1:${portOf(server.address())}/v2/api-docs`, object, keys: KEYS };
}

function portOf(address: string | AddressInfo | null): number {
  return typeof address === 'object' && address !== null ? address.port : 0;
}
