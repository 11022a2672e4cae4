import { createServer } from 'node:http';
import type { TestContext } from 'node:test';
import { KEEP_ALIVE_MS } from '../../sandbox/http-server.ts';

export const DESK_TOKEN = 'desk-token-4711-that-is-secret';

export interface Desk {
  readonly url: string;
  /** Method and address of each request, in order. */
  readonly asked: string[];
  readonly tickets: Map<number, { readonly id: number; readonly subject: string }>;
}

export interface DeskAnswer {
  readonly status: number;
  readonly body: unknown;
}

export interface DeskOptions {
  readonly tickets: number;
  /** Sent with every answer. */
  readonly headers?: Readonly<Record<string, string>>;
  /** What an unknown path is answered with. */
  readonly lost?: DeskAnswer;
  /** Pages say of which version they are. */
  readonly hasEtags?: boolean;
}

/** A help desk that nobody documented: pages of at most 40, and cursors that say nothing (the last number in base 36, turned round). */
export async function serveDesk(context: TestContext, { tickets: count, headers = {}, lost, hasEtags = false }: DeskOptions): Promise<Desk> {
  const asked: string[] = [];
  const tickets = new Map(Array.from({ length: count }, (_, index) => [index + 1, { id: index + 1, subject: `Ticket ${index + 1}` }] as const));
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://desk');
    asked.push(`${request.method} ${request.url}`);
    const answer = ({ status, body }: DeskAnswer) => {
      const text = JSON.stringify(body);
      const etag: Record<string, string> = hasEtags && status === 200 ? { etag: `"${text.length}"` } : {};
      const isKnown = etag['etag'] !== undefined && request.headers['if-none-match'] === etag['etag'];
      response.writeHead(isKnown ? 304 : status, { 'content-type': 'application/json', ...headers, ...etag }).end(isKnown ? undefined : text);
    };
    if (request.headers.authorization !== `Bearer ${DESK_TOKEN}`) return answer({ status: 401, body: { message: 'Who are you?' } });
    const [, id] = /^\/v1\/tickets\/(\d+)$/.exec(pathname) ?? [];
    if (pathname === '/v1/tickets' && request.method === 'GET') return answer({ status: 200, body: pageOf([...tickets.values()], searchParams) });
    if (pathname === '/v1/tickets' && request.method === 'POST') return answer(create(tickets, await textOf(request)));
    if (id !== undefined && tickets.has(Number(id))) {
      const ticket = tickets.get(Number(id));
      if (request.method === 'DELETE') tickets.delete(Number(id));
      return answer({ status: 200, body: ticket });
    }
    return answer(lost ?? { status: 404, body: { message: 'No such page' } });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  return { url: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`, asked, tickets };
}

function pageOf(tickets: readonly { readonly id: number }[], query: URLSearchParams): unknown {
  const cursor = query.get('cursor');
  const size = Math.min(Number(query.get('limit') ?? 40), 40);
  const after = cursor === null ? 0 : Number.parseInt([...cursor].reverse().join(''), 36);
  const data = tickets.filter(({ id }) => id > after).slice(0, size);
  const last = data.at(-1)?.id ?? after;
  return { data, meta: { next_cursor: last < (tickets.at(-1)?.id ?? 0) ? [...last.toString(36)].reverse().join('') : null } };
}

function create(tickets: Map<number, { readonly id: number; readonly subject: string }>, text: string): DeskAnswer {
  const { subject }: { readonly subject?: unknown } = JSON.parse(text);
  if (typeof subject !== 'string') return { status: 422, body: { errors: [{ detail: 'subject must be a text' }] } };
  const id = Math.max(0, ...tickets.keys()) + 1;
  tickets.set(id, { id, subject });
  return { status: 201, body: { id, subject } };
}

async function textOf(request: AsyncIterable<Buffer>): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}
