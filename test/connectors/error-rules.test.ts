import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compileErrorRules } from '../../connectors/error-rules.ts';
import type { ErrorRule } from '../../definition/schema/connector.ts';
import type { Json } from '../../engine/json.ts';
import type { HttpAnswer } from '../../http/http-client.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');

function answer(status: number, body: Json = null, headers: Readonly<Record<string, string>> = {}): HttpAnswer {
  return { status, body, headers, bytes: 0, sentAt: NOW, durationMs: 1 };
}

const classify = (rules: readonly ErrorRule[], given: HttpAnswer) => compileErrorRules(rules, () => NOW)(given);

describe('error rules', () => {
  it('a 200 with an error in its body is a refusal, in the words and with the code of the API', async () => {
    const rules: ErrorRule[] = [{ when: 'status = 200 and body.errors', outcome: 'reject-request', message: 'body.errors[0].message' }];
    const body = { errors: [{ message: 'email is taken', code: 'TAKEN' }] };
    assert.deepEqual(await classify(rules, answer(200, body)), { class: 'reject-request', message: 'email is taken', apiCode: 'TAKEN' });
  });

  it('the first rule that holds counts; where none holds, HTTP decides', async () => {
    const rules: ErrorRule[] = [
      { when: "body.code = 'DAILY_LIMIT'", outcome: 'quota-spent' },
      { when: 'status = 403', outcome: 'reject-request', message: "'no permission for this record'" },
    ];
    assert.deepEqual(await classify(rules, answer(403, { code: 'DAILY_LIMIT' })), { class: 'quota-spent' });
    assert.deepEqual(await classify(rules, answer(403, { code: 'X' })), { class: 'reject-request', message: 'no permission for this record', apiCode: 'X' });
    assert.equal(await classify(rules, answer(500)), undefined);
  });

  it('an empty list, text or object does not hold, as in JSONata', async () => {
    const rules: ErrorRule[] = [{ when: 'body.errors', outcome: 'reject-request' }];
    for (const errors of [[], '', {}, null, false, 0, [null, '']])
      assert.equal(await classify(rules, answer(200, { errors })), undefined, JSON.stringify(errors));
    for (const errors of [['no'], 'no', { email: 'no' }, true, 1]) {
      assert.equal((await classify(rules, answer(200, { errors })))?.class, 'reject-request', JSON.stringify(errors));
    }
  });

  const until = (value: string): ErrorRule[] => [{ when: 'status = 423', outcome: 'rate-limited', until: value }];
  const waits: Readonly<Record<string, readonly [headers: Readonly<Record<string, string>>, afterMs: number]>> = {
    'seconds from now': [{ 'x-reset': '30' }, 30_000],
    'seconds since 1970': [{ 'x-reset': String(NOW / 1_000 + 45) }, 45_000],
    'milliseconds since 1970': [{ 'x-reset': String(NOW + 1_500) }, 1_500],
    'a date': [{ 'x-reset': 'Sun, 01 Mar 2026 12:02:00 GMT' }, 120_000],
    'a date by the clock of the API': [{ 'x-reset': '2026-03-01T12:02:00Z', date: 'Sun, 01 Mar 2026 12:01:00 GMT' }, 60_000],
    'Retry-After, where the rule finds nothing': [{ 'retry-after': '7' }, 7_000],
  };
  for (const [name, [headers, afterMs]] of Object.entries(waits)) {
    it(`until understands ${name}`, async () => {
      assert.deepEqual(await classify(until("headers.'x-reset'"), answer(423, null, headers)), { class: 'rate-limited', afterMs });
    });
  }

  it('until may be a constant, or absent', async () => {
    assert.deepEqual(await classify(until('2'), answer(423)), { class: 'rate-limited', afterMs: 2_000 });
    assert.deepEqual(await classify(until('body.nothing'), answer(423)), { class: 'rate-limited' });
  });

  it('a spent quota has a moment, not a pause', async () => {
    const rules: ErrorRule[] = [{ when: 'status = 429', outcome: 'quota-spent', until: 'body.resets_at' }];
    assert.deepEqual(await classify(rules, answer(429, { resets_at: '2026-03-01T13:00:00Z' })), { class: 'quota-spent', untilMs: NOW + 3_600_000 });
  });

  it('a rule that cannot be evaluated never lets an answer pass for a success', async () => {
    const rules: ErrorRule[] = [{ when: "$lowercase(body.status) = 'error'", outcome: 'reject-request' }];
    assert.equal(await classify(rules, answer(400, { status: 5 })), undefined);
    await assert.rejects(classify(rules, answer(200, { status: 5 })), { code: 'CONTRACT_BROKEN' });
  });

  it('a message that cannot be evaluated, or is none, gives way to where APIs keep theirs', async () => {
    const rules: ErrorRule[] = [{ when: 'status = 400', outcome: 'reject-request', message: '$lowercase(body.code)' }];
    assert.deepEqual(await classify(rules, answer(400, { code: 7, message: 'bad phone' })), { class: 'reject-request', message: 'bad phone', apiCode: '7' });
    assert.deepEqual(await classify(rules, answer(400)), { class: 'reject-request', message: 'status 400' });
  });
});
