import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Json } from '../../engine/json.ts';
import { apiCodeOf, messageOf } from '../../http/answer-message.ts';
import { classifyAnswer } from '../../http/classify.ts';

const answer = (status: number, body: Json = null, headers: Record<string, string> = {}) => ({ status, headers, body, bytes: 0, sentAt: 0, durationMs: 0 });

it('an answer is classified as HTTP says', () => {
  const classes = Object.fromEntries(
    [200, 201, 204, 207, 400, 401, 403, 404, 408, 409, 410, 413, 422, 423, 425, 429, 500, 502, 503, 504].map((status) => [
      status,
      classifyAnswer(answer(status)).class,
    ]),
  );
  assert.deepEqual(classes, {
    ...{ 200: 'success', 201: 'success', 204: 'success', 207: 'success' },
    ...{ 400: 'reject-request', 401: 'credentials', 403: 'credentials', 404: 'not-found', 408: 'retry', 409: 'reject-request', 410: 'not-found' },
    ...{ 413: 'too-large', 422: 'reject-request', 423: 'reject-request', 425: 'retry', 429: 'rate-limited' },
    ...{ 500: 'retry', 502: 'retry', 503: 'retry', 504: 'retry' },
  });
  assert.deepEqual(classifyAnswer(answer(503, null, { 'retry-after': '3' })), { class: 'retry', message: 'status 503' });
  const spent = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '30' };
  assert.deepEqual(classifyAnswer(answer(403, null, { 'retry-after': '60', ...spent })), { class: 'rate-limited', afterMs: 60_000 });
  assert.deepEqual(classifyAnswer(answer(403, null, spent)), { class: 'rate-limited', afterMs: 30_000 });
  assert.deepEqual(classifyAnswer(answer(403, null, { 'x-left': '0' }), 0, { remaining: 'X-Left' }), { class: 'rate-limited' });
  assert.equal(classifyAnswer(answer(403, null, { ...spent, 'x-ratelimit-remaining': '7' })).class, 'credentials');
  assert.equal(classifyAnswer(answer(401, null, spent)).class, 'credentials');
  assert.deepEqual(classifyAnswer(answer(429, null, { 'retry-after': '3' })), { class: 'rate-limited', afterMs: 3_000 });
  assert.deepEqual(classifyAnswer(answer(409, { message: 'Exists.', category: 'CONFLICT' })), {
    class: 'reject-request',
    message: 'Exists',
    apiCode: 'CONFLICT',
  });
});

it("the API's own words are found where APIs keep them", () => {
  const cases: readonly (readonly [Json, string | undefined])[] = [
    [{ message: 'a', error: 'b' }, 'a'],
    [{ error: { message: 'a' } }, 'a'],
    [{ error: 'invalid_grant', error_description: 'Token was\n  revoked.' }, 'Token was revoked'],
    [{ errors: [{ message: 'a' }, { message: 'b' }] }, 'a'],
    [{ errors: [{ detail: 'a' }] }, 'a'],
    [{ errors: ['a'] }, 'a'],
    [{ errors: { email: ['is taken'], name: ['is short'] } }, 'email is taken'],
    [{ title: 'a', detail: 'b', type: 'about:blank' }, 'b'],
    [{ title: 'a' }, 'a'],
    [[{ message: 'a', errorCode: 'X' }], 'a'],
    [{ error: 'a' }, 'a'],
    ['plain words', 'plain words'],
    ['<html><body>502</body></html>', undefined],
    [{ message: { text: 'a' } }, undefined],
    [null, undefined],
    [{ message: 'x'.repeat(400) }, `${'x'.repeat(299)}…`],
  ];
  for (const [body, expected] of cases) assert.equal(messageOf(body), expected, JSON.stringify(body));
});

it("the API's own code is found, and a sentence is none", () => {
  assert.equal(apiCodeOf({ code: 'A' }), 'A');
  assert.equal(apiCodeOf({ error: { code: 190 } }), '190');
  assert.equal(apiCodeOf({ errors: [{ code: 'B' }] }), 'B');
  assert.equal(apiCodeOf({ error: 'Something went wrong' }), undefined);
  assert.equal(apiCodeOf('text'), undefined);
});
