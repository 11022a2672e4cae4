import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { A, B, BATCH, matcher, outcomes, rejected, UNKNOWN, WRITTEN } from './matcher.ts';

describe('refused records', () => {
  it('may have a status of their own: what asks to come back is sent again', async () => {
    const match = matcher({ at: 'items', status: 'status', error: 'message' });
    for (const status of [423, 429, 503, '429']) {
      assert.deepEqual(await outcomes(match, { items: [{ status, message: 'later' }] }, [A]), [{ outcome: 'again' }]);
    }
    assert.deepEqual(await outcomes(match, { items: [{ status: 201 }, { status: 400 }, { status: 409, message: 'taken' }] }), [
      WRITTEN,
      rejected('status 400'),
      rejected('taken', { retry: 'later' }),
    ]);
  });

  it('may have their status in a status line; words that are none do not say that a record was written, unless errors are told apart from them', async () => {
    const match = matcher({ at: 'items', status: 'status' });
    for (const status of ['400 Bad Request', 'HTTP/1.1 400 Bad Request', 'HTTP/2 400'])
      assert.deepEqual(await outcomes(match, { items: [{ status }] }, [A]), [rejected('status 400')], status);
    for (const status of ['HTTP/1.1 201 Created', '200', null, 0, '']) assert.deepEqual(await outcomes(match, { items: [{ status }] }, [A]), [WRITTEN]);
    for (const status of ['ERROR', 'OK', 40_001, { code: 400 }, '400.5']) assert.deepEqual(await outcomes(match, { items: [{ status }] }, [A]), [UNKNOWN]);
    assert.deepEqual(await outcomes(matcher({ at: 'items', status: 'status', error: 'error' }), { items: [{ status: 'OK' }] }, [A]), [WRITTEN]);
  });

  it('that are gone are written where they were to be deleted, and missing where they were to be updated', async () => {
    const body = { items: [{ status: 404, message: 'gone' }] };
    assert.deepEqual(await outcomes(matcher({ at: 'items', status: 'status' }, { kind: 'delete' }), body, [A]), [WRITTEN]);
    const [update] = await outcomes(matcher({ at: 'items', status: 'status' }, { kind: 'update' }), body, [A]);
    assert.ok(update?.outcome === 'rejected' && update.rejection.reason === 'target-missing');
    assert.deepEqual(await outcomes(matcher({ at: 'items', status: 'status', error: 'message' }), body, [A]), [rejected('gone')]);
  });

  it('may stand in a list of their own, named one by one or several at once', async () => {
    const failures = { at: 'errors', key: 'context.ids', message: 'message', code: 'category', status: 'status' };
    const match = matcher({ at: 'results', by: 'id', id: 'id' }, { failures, kind: 'update' });
    const body = {
      results: [{ id: 7 }],
      errors: [
        { message: 'bad', category: 'VALIDATION', context: { ids: ['8'] } },
        { message: 'not now', status: 503, context: { ids: 9 } },
      ],
    };
    assert.deepEqual(await outcomes(match, body), [{ outcome: 'written', targetId: '7' }, rejected('bad', { apiCode: 'VALIDATION' }), { outcome: 'again' }]);
    const several = { results: [], errors: [{ message: 'bad', context: { ids: ['7', '9', '12'] } }] };
    const { results, warnings } = await match(BATCH, several);
    assert.deepEqual(results, [rejected('bad'), UNKNOWN, rejected('bad')]);
    assert.deepEqual(warnings, ['the answer has failures that name no record of the batch.']);
  });

  it('that stand among the results, too, are refused, and keep all that is said of them', async () => {
    const match = matcher({ at: 'results', by: 'id' }, { failures: { at: 'errors', key: 'id', message: 'why' } });
    const body = {
      results: [{ id: '7' }, { id: '8' }],
      errors: [
        { id: '8', why: 'bad phone' },
        { id: '8', why: 'bad name' },
      ],
    };
    assert.deepEqual(await outcomes(match, body), [WRITTEN, rejected('bad phone; bad name'), UNKNOWN]);
  });

  it('that nothing names are of the only record, or of none', async () => {
    const match = matcher({ at: 'results', by: 'ref' }, { failures: { at: 'errors', message: 'why' } });
    assert.deepEqual(await outcomes(match, { results: [], errors: [{ why: 'bad' }] }, [A]), [rejected('bad')]);
    assert.deepEqual(await outcomes(match, { results: [], errors: [{ why: 'bad' }] }, [A, B]), [UNKNOWN, UNKNOWN]);
  });

  it('keep their words to a bearable length, and in any shape', async () => {
    const match = matcher({ at: 'items', error: 'error' });
    const [long] = await outcomes(match, { items: [{ error: 'x'.repeat(5_000) }] }, [A]);
    assert.ok(long?.outcome === 'rejected' && long.rejection.message.length === 1_000);
    assert.deepEqual(await outcomes(match, { items: [{ error: { email: ['is taken'] } }] }, [A]), [rejected('{"email":["is taken"]}')]);
    for (const error of [null, false, '', [], {}]) assert.deepEqual(await outcomes(match, { items: [{ error }] }, [A]), [WRITTEN]);
  });
});
