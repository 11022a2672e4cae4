import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fastEnough, inTime } from '../support/in-time.ts';
import { failure } from './expect-error.ts';
import { type Answer, json, open, serve } from './local-server.ts';

const read = { method: 'GET', path: '/', repeat: 'read' } as const;

/** Answers the first request so, all others with success. */
const first = (status: number, headers: () => Record<string, string>): Answer => {
  let count = 0;
  return (_request, response) => {
    count += 1;
    if (count === 1) json(response, { message: 'slow down' }, status, headers());
    else json(response, {});
  };
};

describe('several credentials of one account', { concurrency: true }, () => {
  const tokens = ['one', 'two', 'three'];
  const auth = { type: 'in-turn', of: tokens.map((token) => ({ type: 'bearer', token }) as const) } as const;
  const tokenOf = ({ headers }: { readonly headers: { readonly authorization?: string | undefined } }) => headers.authorization?.replace('Bearer ', '');

  it('are used in turn, each with the limits for itself', async (context) => {
    const server = await serve(context, (_request, response) => json(response, {}));
    const client = open(context, server.url, { auth, limits: { requests: [{ count: 1, perMs: 60_000 }] } });
    const party = client.forParty({ name: 'contacts', weight: 1 });
    for (let count = 0; count < 2; count++) await (count % 2 === 0 ? client : party).send(read);
    // By a permit that was taken ahead, as writes have one.
    const permit = await client.acquirePermit();
    await client.send({ ...read, method: 'POST', repeat: 'once', permit });
    const counts = tokens.map((token) => server.received.filter((request) => tokenOf(request) === token).length);
    assert.deepEqual(counts, [1, 1, 1]);
    await failure('RATE_LIMITED', client.send(read));
    const free = open(context, server.url, { auth });
    for (let count = 0; count < 6; count++) await free.send(read);
    const last = server.received.slice(-6).map(tokenOf);
    assert.deepEqual(last.slice(0, 3).toSorted(), tokens.toSorted());
    assert.deepEqual(last.slice(3), last.slice(0, 3), 'and where none has to wait, evenly');
  });

  it('go on with another where one is told to wait; when all are, that is a wait', async (context) => {
    const server = await serve(context, (request, response) => json(response, {}, tokenOf(request) === 'two' ? 200 : 429, { 'retry-after': '60' }));
    const client = open(context, server.url, { auth });
    for (let count = 0; count < 4; count++) assert.equal((await client.send(read)).answer.status, 200);
    const spent = server.received.filter((request) => tokenOf(request) !== 'two').map(tokenOf);
    assert.equal(new Set(spent).size, spent.length, 'one that has to wait is not asked again');
    const all = await serve(context, (request, response) => json(response, {}, 429, { 'retry-after': tokenOf(request) === 'two' ? '60' : '90' }));
    const limited = await failure('RATE_LIMITED', open(context, all.url, { auth }).send(read));
    assert.ok(typeof limited.retry === 'object' && limited.retry.afterMs > 59_000 && limited.retry.afterMs <= 60_000, 'the shortest');
    assert.equal(all.received.length, 3);
  });

  it('are named by their place where one is refused', async (context) => {
    const server = await serve(context, (request, response) => json(response, { message: 'revoked' }, tokenOf(request) === 'two' ? 401 : 200));
    const client = open(context, server.url, { auth });
    const refused = await failure('CREDENTIALS_REJECTED', Promise.all(tokens.map(() => client.send(read))));
    assert.match(refused.message, /revoked.* It is credential 2 of 3 \(auth\.of\)\.$/);
  });
});

describe('an API that asks to wait', { concurrency: true }, () => {
  const asked: Record<string, () => Answer> = {
    'with 429 and seconds': () => first(429, () => ({ 'retry-after': '1' })),
    'with 429 and a date': () => first(429, () => ({ 'retry-after': new Date(Math.ceil(Date.now() / 1_000) * 1_000 + 1_000).toUTCString() })),
    'with 503 and seconds': () => first(503, () => ({ 'retry-after': '1' })),
    'with nothing remaining': () => first(200, () => ({ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1' })),
    'with a RateLimit header': () => first(200, () => ({ ratelimit: '"default";r=0;t=1' })),
  };
  for (const [how, answer] of Object.entries(asked)) {
    it(
      `${how} gets that pause from everyone, and no error`,
      inTime(async (context) => {
        const server = await serve(context, answer());
        const client = open(context, server.url);
        await client.send(read);
        const [, other] = await Promise.all([client.send(read), client.send(read)]);
        assert.deepEqual(other?.answer.status, 200);
        const [one, two] = server.received;
        const gapMs = (two?.at ?? 0) - (one?.at ?? 0);
        assert.ok(gapMs >= 980, `${gapMs} ms`);
        fastEnough(gapMs < 2_600, `${gapMs} ms`);
      }),
    );
  }

  it('for longer than some seconds is an error with the wait in it, at once and for everyone', async (context) => {
    const server = await serve(context, (_request, response) => json(response, {}, 429, { 'retry-after': '60' }));
    const client = open(context, server.url);
    for (const request of [read, { ...read, method: 'POST', repeat: 'once' } as const]) {
      const limited = await failure('RATE_LIMITED', client.send(request));
      assert.ok(typeof limited.retry === 'object' && limited.retry.afterMs > 59_000 && limited.retry.afterMs <= 60_000);
    }
    assert.equal(server.received.length, 1);
  });

  for (const [how, headers] of Object.entries({
    'and says nothing else': {},
    'for no time': { 'retry-after': '0' },
    'until a moment that is past': { 'retry-after': new Date(Date.now() - 2_000).toUTCString() },
  })) {
    it(`${how} is asked again with growing pauses, then given up`, async (context) => {
      const server = await serve(context, (_request, response) => json(response, {}, 429, headers));
      const client = open(context, server.url, { limits: { requests: [{ count: 1_000, perMs: 1_000 }] } });
      const limited = await failure('RATE_LIMITED', client.send(read));
      assert.deepEqual(limited.retry, { afterMs: 1_000 });
      assert.ok(server.received.length >= 3 && server.received.length < 20, `${server.received.length} requests`);
    });
  }

  it('with 503, or 403, is no failure of a read either', async (context) => {
    for (const status of [503, 403]) {
      const server = await serve(context, (_request, response) => json(response, {}, status, { 'retry-after': '7' }));
      assert.deepEqual((await failure('RATE_LIMITED', open(context, server.url).send(read))).retry, { afterMs: 7_000 });
      assert.equal(server.received.length, 1);
    }
  });

  it('until its quota is new, by its connector, gets no request before', async (context) => {
    const server = await serve(context, (_request, response) => json(response, { code: 'DAILY_LIMIT' }, 403));
    const untilMs = Date.now() + 7_200_000;
    const client = open(context, server.url, { classify: async () => ({ class: 'quota-spent', untilMs }) });
    for (let count = 0; count < 2; count++) {
      const spent = await failure('QUOTA_SPENT', client.send(read));
      assert.ok(typeof spent.retry === 'object' && Math.abs(spent.retry.afterMs - 7_200_000) < 5_000);
    }
    assert.equal(server.received.length, 1);
  });

  it('by a policy it announces is asked no faster', async (context) => {
    const server = await serve(context, (_request, response) => json(response, {}, 200, { 'ratelimit-policy': '"default";q=10;w=1' }));
    const client = open(context, server.url);
    await client.send(read);
    const startedAt = performance.now();
    await Promise.all(Array.from({ length: 8 }, () => client.send(read)));
    assert.ok(performance.now() - startedAt >= 650);
  });
});

it('requests in flight are as many as declared, and change with the pace', async (context) => {
  let inFlight = 0;
  let most = 0;
  const server = await serve(context, (_request, response) => {
    inFlight += 1;
    most = Math.max(most, inFlight);
    setTimeout(() => {
      inFlight -= 1;
      json(response, {});
    }, 30);
  });
  const client = open(context, server.url, { limits: { concurrency: 3 } });
  await Promise.all(Array.from({ length: 9 }, () => client.send(read)));
  assert.equal(most, 3);
  assert.equal(server.connections(), 3);
  client.setPace({ concurrency: 5 });
  await Promise.all(Array.from({ length: 10 }, () => client.send(read)));
  assert.equal(most, 5);
});
