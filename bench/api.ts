import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { parseArgs } from 'node:util';

/**
 * The two APIs of the bench in one lean process: `/people` in pages of 100 by key, `/contacts/batch` as an upsert of up to 100. Pages are made once, so that this side costs
 * little. `/_set` changes it, `/_stats` tells what it was asked. One JSON line on stdout when it listens; ends with its parent.
 */
const { values } = parseArgs({ options: { records: { type: 'string', default: '100000' } } });
const records = Number(values.records);
const PAGE = 100;
const START = Date.UTC(2026, 0, 1);
const SPAN_MS = 240 * 86_400_000;

const settings = { latencyMs: 0, failPercent: 0, ratePerSecond: 0, burst: 10 };
const stats = {
  reads: 0,
  writes: 0,
  refused: 0,
  failed: 0,
  firstAt: 0,
  lastAt: 0,
  lastWriteAt: 0,
  pages: new Map<string, number>(),
  written: new Map<string, number>(),
};
const pages = new Map<string, string>();
let tokens = settings.burst;
let filledAt = performance.now();

const server = createServer((request, response) => {
  const url = new URL(request.url ?? '', 'http://bench');
  if (url.pathname.startsWith('/_')) return void control(url, request, response);
  answer(url, request, response);
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  process.stdout.write(`${JSON.stringify({ ready: true, url: `http://127.0.0.1:${port}` })}\n`);
});
process.stdin.on('end', () => process.exit(0)).resume();

function answer(url: URL, request: IncomingMessage, response: ServerResponse): void {
  const now = Date.now();
  stats.firstAt ||= now;
  stats.lastAt = now;
  const send = (status: number, body: string, headers: Record<string, string> = {}) => {
    const write = () => response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
    if (settings.latencyMs > 0) setTimeout(write, settings.latencyMs);
    else write();
  };
  if (!hasToken()) {
    stats.refused += 1;
    request.resume();
    return send(429, '{"message":"too many requests"}', { 'retry-after': '1' });
  }
  if (settings.failPercent > 0 && Math.random() * 100 < settings.failPercent) {
    stats.failed += 1;
    request.resume();
    return send(500, '{"message":"out of luck"}');
  }
  if (url.pathname === '/people') {
    stats.reads += 1;
    stats.pages.set(url.search, (stats.pages.get(url.search) ?? 0) + 1);
    return send(200, page(url.searchParams));
  }
  const pieces: Buffer[] = [];
  request.on('data', (piece: Buffer) => pieces.push(piece));
  request.on('end', () => {
    stats.writes += 1;
    stats.lastWriteAt = Date.now();
    const { items }: { items: readonly { readonly email: string }[] } = JSON.parse(Buffer.concat(pieces).toString());
    for (const { email } of items) stats.written.set(email, (stats.written.get(email) ?? 0) + 1);
    send(200, JSON.stringify({ results: items.map(({ email }) => ({ id: email, created: stats.written.get(email) === 1 })) }));
  });
}

/** A bucket as most APIs have: so many a second, and a few at once. */
function hasToken(): boolean {
  if (settings.ratePerSecond === 0) return true;
  const now = performance.now();
  tokens = Math.min(settings.burst, tokens + ((now - filledAt) / 1_000) * settings.ratePerSecond);
  filledAt = now;
  if (tokens < 1) return false;
  tokens -= 1;
  return true;
}

function page(query: URLSearchParams): string {
  const name = query.toString();
  const known = pages.get(name);
  if (known !== undefined) return known;
  const first = Math.max(Number(query.get('after') ?? 0) + 1, idAt(query.get('from')) ?? 1);
  const end = Math.min(records, idAt(query.get('to')) ?? records);
  const data = [];
  for (let id = first; id <= end && data.length < PAGE; id++) data.push(person(id));
  const last = data.at(-1)?.id ?? end;
  const text = JSON.stringify({ data, next: last < end ? last : null });
  pages.set(name, text);
  return text;
}

/** The first id changed at that time or later. */
function idAt(time: string | null): number | undefined {
  if (time === null || time === '') return undefined;
  return Math.min(records, Math.max(1, Math.ceil(((Date.parse(time) - START) / SPAN_MS) * records)));
}

function person(id: number) {
  return {
    id,
    email_address: `p${id}@example.test`,
    first_name: `First${id}`,
    last_name: `Last ${id}`,
    phone: '+14155550123',
    status: id % 3 === 0 ? 'won' : 'open',
    company: `Company ${id % 100}`,
    updated_at: new Date(START + (id / records) * SPAN_MS).toISOString(),
  };
}

async function control(url: URL, request: IncomingMessage, response: ServerResponse): Promise<void> {
  let body = '';
  for await (const piece of request) body += piece;
  if (url.pathname === '/_set') {
    Object.assign(settings, JSON.parse(body));
    tokens = settings.burst;
    filledAt = performance.now();
    Object.assign(stats, { reads: 0, writes: 0, refused: 0, failed: 0, firstAt: 0, lastAt: 0, lastWriteAt: 0, pages: new Map(), written: new Map() });
  }
  const { pages: read, written, ...counts } = stats;
  const again = (counted: ReadonlyMap<string, number>) => [...counted.values()].reduce((sum, count) => sum + count - 1, 0);
  response.end(JSON.stringify({ ...counts, records: written.size, pagesReadAgain: again(read), recordsSentAgain: again(written), cpuMicros: cpuMicros() }));
}

function cpuMicros(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}
