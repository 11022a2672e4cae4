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
/** An answer that seems cut off is asked for again for some seconds. */
const SIDE_BY_SIDE = 200;
const RECORDS = [outgoing('a@x.test'), outgoing('b@x.test'), outgoing('c@x.test')];
const OBJECT = {
  primaryKey: 'id',
  list: { get: '/people', query: { n: '{window.from}' }, records: 'data', page: { type: 'cursor', cursor: 'next', param: 'after', total: 'total' } },
  create: { post: '/people', max: 100, body: { items: '{records}' }, results: { at: 'items', by: 'index', id: 'id', error: 'error', errorCode: 'code' } },
};

/** Refusals that are tried again would take the test hours: those statuses are rare. */
function statusOf(dice: Dice): number {
  const chance = dice.next();
  if (chance < 0.97) return 200;
  return [201, 202, 204, 206, 400, 404, 409, 422, 302, 418][dice.integer(10)] ?? 200;
}

interface Answer {
  readonly seed: number;
  readonly status: number;
  readonly text: string;
}

/** An API that gives these answers, to reads by their number, to writes one after the other. */
async function begin(context: Parameters<typeof serve>[0], original: string) {
  const dice = new Dice(SEED);
  const answers: readonly Answer[] = Array.from({ length: COUNT }, () => ({ seed: dice.seed, status: statusOf(dice), text: mutate(original, dice) }));
  let written = -1;
  const server = await serve(context, ({ method, url }, response) => {
    written += method === 'POST' ? 1 : 0;
    const { status, text } = answers[method === 'POST' ? written : Number(new URL(url, 'http://x').searchParams.get('n'))] ?? { status: 500, text: '' };
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(status === 204 ? undefined : text);
  });
  const connection = connect(context, resolved(server.url, { objects: { people: OBJECT }, limits: { concurrency: SIDE_BY_SIDE } }));
  return { answers, connection };
}

function assertTold(error: unknown, text: string, seed: number): void {
  const where = `SYNCLINE_FUZZ_SEED=${seed}: ${text}`;
  assert.ok(error instanceof SyncError, `${where}\nnot one of our errors: ${String(error)}`);
  assert.notEqual(error.code, 'INTERNAL', where);
  assert.match(error.message, /\S{3}.*\.$/s, `${where}\nno sentence: ${error.message}`);
}

describe(`${COUNT} answers that are not what they should be, seed ${SEED}`, () => {
  it('read: a page of records that are there, or an error that says so', async (context) => {
    const { answers, connection } = await begin(context, PAGE);
    const seen = { pages: 0, errors: new Map<string, number>() };
    const read = async (n: number, { text, seed }: Answer) => {
      try {
        assertPage(await connection.source('people').readPage({ window: { from: String(n) }, cursor: undefined }), text);
        seen.pages += 1;
      } catch (error) {
        assertTold(error, text, seed);
        if (error instanceof SyncError) seen.errors.set(error.code, (seen.errors.get(error.code) ?? 0) + 1);
      }
    };
    const queue = answers.entries();
    const readOn = async () => {
      for (const [n, answer] of queue) await read(n, answer);
    };
    await Promise.all(Array.from({ length: SIDE_BY_SIDE }, readOn));
    assert.ok(
      seen.pages > COUNT / 20 && (seen.errors.get('CONTRACT_BROKEN') ?? 0) > COUNT / 20,
      `both happened: ${seen.pages} pages, ${JSON.stringify([...seen.errors])}`,
    );
    assert.deepEqual(Object.keys(Object.prototype), [], 'nothing got into what all objects have');
  });

  it('written: nothing counts as written that the answer does not confirm', async (context) => {
    const { answers, connection } = await begin(context, RESULTS);
    const target = connection.target('people', 'email');
    let confirmed = 0;
    for (const answer of answers) {
      const told = await send(target, 'create', RECORDS).catch((error: unknown) => assertTold(error, answer.text, answer.seed));
      if (told !== undefined) confirmed += assertConfirmed(told, answer);
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
function assertConfirmed(answer: BatchAnswer, { status, text, seed }: Answer): number {
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
