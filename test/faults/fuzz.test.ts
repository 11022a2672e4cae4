import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { BatchAnswer, Page } from '../../connectors/ports.ts';
import { SyncError } from '../../engine/errors.ts';
import { connect, outgoing, resolved, send } from '../connectors/connect.ts';
import { Dice } from '../crash/seeded.ts';
import { serve } from '../http/local-server.ts';
import { mutate } from './mutate.ts';

/** `npm run test:faults` asks for 10,000. */
const COUNT = Number(process.env['SYNCLINE_FUZZ_ANSWERS'] ?? (process.env['SYNCLINE_TEST_LONG'] === '1' ? 10_000 : 1_000));
const SEED = Number(process.env['SYNCLINE_FUZZ_SEED'] ?? 20_261_121);

const PAGE = JSON.stringify({ data: [1, 2, 3].map((id) => ({ id, mail: `p${id}@x.test`, tags: ['a', null, 1.5], owner: { id: 7 } })), next: 'c2', total: 9 });
const RESULTS = JSON.stringify({ items: [{ id: 11 }, { id: 12, error: null }, { error: 'invalid name', code: 'BAD' }] });
const RECORDS = [outgoing('a@x.test'), outgoing('b@x.test'), outgoing('c@x.test')];
const OBJECT = {
  primaryKey: 'id',
  list: { get: '/people', records: 'data', page: { type: 'cursor', cursor: 'next', param: 'after', total: 'total' } },
  create: { post: '/people', max: 100, body: { items: '{records}' }, results: { at: 'items', by: 'index', id: 'id', error: 'error', errorCode: 'code' } },
};

/** Refusals that are tried again would take the test hours: those statuses are rare. */
function statusOf(dice: Dice): number {
  const chance = dice.next();
  if (chance < 0.97) return 200;
  return [201, 202, 204, 206, 400, 404, 409, 422, 302, 418][dice.integer(10)] ?? 200;
}

async function begin(context: Parameters<typeof serve>[0]) {
  const next = { status: 200, text: PAGE };
  const server = await serve(context, (_, response) => {
    response.writeHead(next.status, { 'content-type': 'application/json' });
    response.end(next.status === 204 ? undefined : next.text);
  });
  const connection = connect(context, resolved(server.url, { objects: { people: OBJECT } }));
  return { next, connection };
}

function assertTold(error: unknown, text: string, seed: number): void {
  const where = `SYNCLINE_FUZZ_SEED=${seed}: ${text}`;
  assert.ok(error instanceof SyncError, `${where}\nnot one of our errors: ${String(error)}`);
  assert.notEqual(error.code, 'INTERNAL', where);
  assert.match(error.message, /\S{3}.*\.$/s, `${where}\nno sentence: ${error.message}`);
}

describe(`${COUNT} answers that are not what they should be, seed ${SEED}`, () => {
  it('read: a page of records that are there, or an error that says so', async (context) => {
    const { next, connection } = await begin(context);
    const dice = new Dice(SEED);
    const seen = { pages: 0, errors: new Map<string, number>() };
    for (let n = 0; n < COUNT; n++) {
      const { seed } = dice;
      next.status = statusOf(dice);
      next.text = mutate(PAGE, dice);
      try {
        assertPage(await connection.source('people').readPage({ window: {}, cursor: undefined }), next.text);
        seen.pages += 1;
      } catch (error) {
        assertTold(error, next.text, seed);
        if (error instanceof SyncError) seen.errors.set(error.code, (seen.errors.get(error.code) ?? 0) + 1);
      }
    }
    assert.ok(
      seen.pages > COUNT / 20 && (seen.errors.get('CONTRACT_BROKEN') ?? 0) > COUNT / 20,
      `both happened: ${seen.pages} pages, ${JSON.stringify([...seen.errors])}`,
    );
    assert.deepEqual(Object.keys(Object.prototype), [], 'nothing got into what all objects have');
  });

  it('written: nothing counts as written that the answer does not confirm', async (context) => {
    const { next, connection } = await begin(context);
    const target = connection.target('people', 'email');
    const dice = new Dice(SEED);
    let confirmed = 0;
    for (let n = 0; n < COUNT; n++) {
      const { seed } = dice;
      next.status = statusOf(dice);
      next.text = mutate(RESULTS, dice);
      const answer = await send(target, 'create', RECORDS).catch((error: unknown) => assertTold(error, next.text, seed));
      if (answer !== undefined) confirmed += assertConfirmed(answer, next, seed);
    }
    assert.ok(confirmed > COUNT / 20, `${confirmed} records were confirmed`);
  });
});

function assertPage(page: Page, text: string): void {
  const keys = page.records.map((record) => record.key);
  assert.ok(
    keys.every((key) => key !== '' && key !== 'null' && key !== 'undefined'),
    text,
  );
  for (const { fields } of page.records) assert.equal(Object.getPrototypeOf(fields), Object.prototype, text);
}

/** @returns how many were written, each of them told by a result of its own, without an error */
function assertConfirmed(answer: BatchAnswer, { status, text }: { readonly status: number; readonly text: string }, seed: number): number {
  if (answer.answer !== 'results') return 0;
  const where = `SYNCLINE_FUZZ_SEED=${seed} ${status}: ${text}`;
  assert.equal(answer.results.length, RECORDS.length, where);
  const written = answer.results.filter((result) => result.outcome === 'written').length;
  if (written === 0) return 0;
  const body: unknown = JSON.parse(text.replace(/^\ufeff/, '').trim());
  const items: unknown = typeof body === 'object' && body !== null && 'items' in body ? body.items : undefined;
  const list: readonly unknown[] = Array.isArray(items) ? items : [items];
  for (const [index, result] of answer.results.entries()) {
    const item = list[index];
    const hasError = typeof item === 'object' && item !== null && 'error' in item && !isNothing(item.error);
    if (result.outcome === 'written') assert.ok(status < 300 && typeof item === 'object' && item !== null && !hasError, where);
  }
  return written;
}

/** What APIs put where there is no error. */
function isNothing(value: unknown): boolean {
  return !value || (typeof value === 'object' && Object.keys(value).length === 0);
}
