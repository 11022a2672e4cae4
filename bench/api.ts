import { hash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Allowance } from './allowance.ts';
import { type ApiSettings, settingsSchema } from './api-settings.ts';
import { forgetPages, peoplePage } from './people.ts';
import { Tally } from './tally.ts';

/**
 * The two APIs of the bench in one lean process, so that it is not what is measured: `/people` in pages by key, made once, and `/contacts/batch` as an upsert. `/_set` changes
 * it and forgets what was counted, `/_stats` tells that. One JSON line on stdout when it listens; ends with its parent.
 */
let settings: ApiSettings = settingsSchema.parse({});
let allowance = new Allowance(settings);
let tally = new Tally();

const server = createServer((request, response) => {
  const url = new URL(request.url ?? '', 'http://bench');
  if (url.pathname.startsWith('/_')) void control(url, request, response);
  else answer(url, request, response);
});
// A kept connection that is closed just as it is used again would look like a lost answer.
server.keepAliveTimeout = 120_000;
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  process.stdout.write(`${JSON.stringify({ ready: true, url: `http://127.0.0.1:${port}` })}\n`);
});
process.stdin.on('end', () => process.exit(0)).resume();

function answer(url: URL, request: IncomingMessage, response: ServerResponse): void {
  tally.arrived();
  const send = (status: number, body: string, headers: Record<string, string> = {}) => {
    const write = () => response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
    if (settings.latencyMs > 0) setTimeout(write, settings.latencyMs);
    else write();
  };
  const waitMs = allowance.take();
  if (waitMs > 0) {
    tally.refused += 1;
    request.resume();
    return send(429, '{"message":"too many requests"}', { 'retry-after': String(Math.ceil(waitMs / 1_000)) });
  }
  if (settings.failPercent > 0 && Math.random() * 100 < settings.failPercent) {
    tally.failed += 1;
    request.resume();
    return send(500, '{"message":"out of luck"}');
  }
  if (url.pathname === '/people') {
    tally.read(url.search);
    return sendPage(peoplePage(url.searchParams), request.headers['if-none-match'], send);
  }
  const pieces: Buffer[] = [];
  request.on('data', (piece: Buffer) => pieces.push(piece));
  request.on('end', () => {
    const { items }: { items: readonly { readonly email: string }[] } = JSON.parse(Buffer.concat(pieces).toString());
    tally.writes += 1;
    tally.lastWriteAt = Date.now();
    send(200, JSON.stringify({ results: items.map(({ email }) => ({ id: email, created: tally.wrote(email) })) }));
  });
}

function sendPage(page: string, known: string | undefined, send: (status: number, body: string, headers?: Record<string, string>) => void): void {
  if (!settings.hasEtags) return send(200, page);
  const etag = `"${hash('sha1', page)}"`;
  if (known !== etag) return send(200, page, { etag });
  tally.notModified += 1;
  send(304, '', { etag });
}

async function control(url: URL, request: IncomingMessage, response: ServerResponse): Promise<void> {
  let body = '';
  for await (const piece of request) body += piece;
  if (url.pathname === '/_set') {
    settings = settingsSchema.parse(JSON.parse(body));
    allowance = new Allowance(settings);
    tally = new Tally();
    if (settings.forgetsPages) forgetPages();
  }
  response.end(JSON.stringify(tally.counts()));
}
