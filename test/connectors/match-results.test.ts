import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { outgoing } from './connect.ts';
import { A, B, BATCH, matcher, outcomes, rejected, UNKNOWN, WRITTEN } from './matcher.ts';

describe('results are told apart', () => {
  it('by their place in the list', async () => {
    const match = matcher({ at: 'items', id: 'id', created: 'is_new', error: 'error.message', errorCode: 'error.code' });
    const body = { items: [{ id: 1, is_new: true }, { error: { message: 'bad phone', code: 'PHONE' } }, { id: 3, is_new: false }] };
    assert.deepEqual(await outcomes(match, body), [
      { outcome: 'written', targetId: '1', created: true },
      rejected('bad phone', { apiCode: 'PHONE' }),
      { outcome: 'written', targetId: '3', created: false },
    ]);
  });

  it('by their place, which says nothing in a list of another length', async () => {
    const match = matcher({ at: 'items', id: 'id' });
    for (const items of [[{ id: 1 }, { id: 2 }], [{ id: 1 }, { id: 2 }, { id: 3 }, { id: 4 }], []]) {
      const { results, warnings } = await match(BATCH, { items });
      assert.deepEqual(results, [UNKNOWN, UNKNOWN, UNKNOWN]);
      if (items.length > 0) assert.ok(warnings.includes('the answer has results that name no record of the batch.'));
    }
  });

  it('by their place, whatever they are, but for a null', async () => {
    assert.deepEqual(await outcomes(matcher({ at: 'ids', id: '$' }), { ids: [71, null, 'x9'] }), [
      { outcome: 'written', targetId: '71' },
      UNKNOWN,
      { outcome: 'written', targetId: 'x9' },
    ]);
  });

  it('by an index that they carry', async () => {
    const match = matcher({ at: 'items', by: 'index', key: 'row' });
    assert.deepEqual(await outcomes(match, { items: [{ row: 2 }, { row: '0' }] }), [WRITTEN, UNKNOWN, WRITTEN]);
  });

  it('by target id, number or text', async () => {
    const match = matcher({ at: 'items', by: 'id', id: 'id' }, { kind: 'update' });
    assert.deepEqual(await outcomes(match, { items: [{ id: 9 }, { id: '7' }] }), [
      { outcome: 'written', targetId: '7' },
      UNKNOWN,
      { outcome: 'written', targetId: '9' },
    ]);
  });

  it('by match value, whatever its case and the spaces around it', async () => {
    const match = matcher({ at: 'items', by: 'match', id: 'id' });
    const records = [outgoing('Ada@X.test '), outgoing('bob@x.test')];
    assert.deepEqual(
      await outcomes(
        match,
        {
          items: [
            { email: 'BOB@x.test', id: 2 },
            { email: 'ada@x.test', id: 1 },
          ],
        },
        records,
      ),
      [
        { outcome: 'written', targetId: '1' },
        { outcome: 'written', targetId: '2' },
      ],
    );
  });

  it('by match value, whose case counts where it alone tells two records apart', async () => {
    const match = matcher({ at: 'items', by: 'match', key: 'code' });
    const records = [outgoing('aB1'), outgoing('Ab1')];
    assert.deepEqual(await outcomes(match, { items: [{ code: 'Ab1' }] }, records), [UNKNOWN, WRITTEN]);
    assert.deepEqual(await outcomes(match, { items: [{ code: 'AB1' }] }, records), [UNKNOWN, UNKNOWN]);
  });

  it('by the ref they were sent with', async () => {
    const match = matcher({ at: 'items', by: 'ref', key: 'trace', id: 'id' });
    assert.deepEqual(
      await outcomes(match, {
        items: [
          { trace: '1', id: 8 },
          { trace: '0', id: 7 },
        ],
      }),
      [{ outcome: 'written', targetId: '7' }, { outcome: 'written', targetId: '8' }, UNKNOWN],
    );
  });

  it('by match value where they do not carry their key, wherever records keep their fields', async () => {
    const match = matcher({ at: 'results', by: 'ref', key: 'trace', id: 'id' }, { values: 'properties' });
    const body = {
      results: [
        { id: 9, properties: { email: 'cy@x.test' } },
        { id: 7, trace: '0', properties: { email: 'other@x.test' } },
      ],
    };
    assert.deepEqual(await outcomes(match, body), [{ outcome: 'written', targetId: '7' }, UNKNOWN, { outcome: 'written', targetId: '9' }]);
  });

  it('as the only one of the only record', async () => {
    const match = matcher({ at: 'data', by: 'ref', id: 'id' });
    assert.deepEqual(await outcomes(match, { data: { id: 5 } }, [A]), [{ outcome: 'written', targetId: '5' }]);
    assert.deepEqual(await outcomes(match, { data: { id: 5, ref: '1' } }, [A]), [UNKNOWN], 'it names another');
    for (const data of [{}, null, [null], [{}], []]) assert.deepEqual(await outcomes(match, { data }, [A]), [UNKNOWN], 'it says nothing');
  });
});

describe('an answer that is not quite what the connector says', () => {
  const match = matcher({ at: 'items', by: 'match', id: 'id' });

  it('names records that were not sent: they are told of, and change nothing', async () => {
    const { results, warnings } = await match(BATCH, { items: [{ email: 'eve@x.test' }, { email: 'bob@x.test' }] });
    assert.deepEqual(results, [UNKNOWN, WRITTEN, UNKNOWN]);
    assert.deepEqual(warnings, ['the answer has results that name no record of the batch.']);
  });

  it('has more results than records', async () => {
    const { results, warnings } = await match([A], { items: [{ email: 'ada@x.test' }, { email: 'bob@x.test' }] });
    assert.deepEqual(results, [WRITTEN]);
    assert.deepEqual(warnings, ['the answer has results that name no record of the batch.', 'the answer has more results than records were sent.']);
  });

  it('says two things of one record', async () => {
    const { results, warnings } = await match([A], {
      items: [
        { email: 'ada@x.test', id: 1 },
        { email: 'ada@x.test', id: 2 },
      ],
    });
    assert.deepEqual(results, [UNKNOWN]);
    assert.ok(warnings.includes('the answer says two things of one record.'));
    assert.deepEqual(
      await outcomes(
        match,
        {
          items: [
            { email: 'ada@x.test', id: 1 },
            { email: 'ada@x.test', id: 1 },
          ],
        },
        [A],
      ),
      [{ outcome: 'written', targetId: '1' }],
    );
  });

  it('names two records of the batch at once', async () => {
    assert.deepEqual(await outcomes(match, { items: [{ email: 'ada@x.test' }] }, [A, A]), [UNKNOWN, UNKNOWN]);
  });

  for (const body of [null, 'ok', [], {}, { data: [{ email: 'ada@x.test' }] }, { items: 3 }, { items: [null, 1, 'ada@x.test'] }]) {
    it(`tells nothing: ${JSON.stringify(body)}`, async () => {
      const { results, warnings } = await match(BATCH, body);
      assert.deepEqual(results, [UNKNOWN, UNKNOWN, UNKNOWN]);
      assert.ok(warnings.length > 0);
      assert.ok(!warnings.join().includes('ada'), 'no values');
    });
  }

  it('has something that the expressions cannot be evaluated on', async () => {
    const picky = matcher({ at: 'items', by: 'match', created: "$lowercase(state) = 'new'" });
    const { results, warnings } = await picky([A, B], {
      items: [
        { email: 'ada@x.test', state: 7 },
        { email: 'bob@x.test', state: 'NEW' },
      ],
    });
    assert.deepEqual(results, [UNKNOWN, { outcome: 'written', created: true }]);
    assert.match(warnings[0] ?? '', /\$lowercase/);
  });
});
