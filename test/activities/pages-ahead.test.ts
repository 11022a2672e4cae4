import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { PagesAhead } from '../../activities/pages-ahead.ts';
import type { ReadPage } from '../../activities/read-page.ts';
import type { Json } from '../../engine/json.ts';

const LAST = 9;

describe('pages ahead', () => {
  it('come in their order, to the last one', async () => {
    const { ahead } = list();
    const came: unknown[] = [];
    for (let coming = ahead.take(); coming !== undefined; coming = ahead.take()) came.push((await coming).page.total);
    assert.deepEqual(came, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('are read no further than two beyond the one that was taken', async () => {
    const { ahead, asked } = list();
    await turn();
    assert.deepEqual(asked, [0, 1], 'nobody takes any');
    await ahead.take();
    await turn();
    assert.deepEqual(asked, [0, 1, 2]);
    await turn();
    assert.deepEqual(asked, [0, 1, 2], 'whoever is slow holds back the reading');
  });

  it('are asked for before those that came are looked into: a cursor is known, and its answer takes its time', async () => {
    const { steps } = list();
    await turn();
    assert.deepEqual(steps, ['read 0', 'read 1', 'look into 0', 'look into 1']);
  });

  it('end where the segment does, though the list goes on', async () => {
    const { ahead, asked } = list({ endAfter: 1 });
    await ahead.take();
    await ahead.take();
    assert.equal(ahead.take(), undefined);
    assert.deepEqual(asked, [0, 1]);
  });

  it('that cannot be read are told when their turn comes', async () => {
    const { ahead } = list({ failAt: 1 });
    await turn();
    assert.equal((await ahead.take())?.page.total, 0);
    await assert.rejects(async () => ahead.take(), /page 1/);
    assert.equal(ahead.take(), undefined, 'and nothing after them is read');
  });
});

function list({ endAfter, failAt }: { readonly endAfter?: number; readonly failAt?: number } = {}) {
  const asked: number[] = [];
  const steps: string[] = [];
  const read = async (cursor: Json | undefined): Promise<ReadPage> => {
    const place = Number(cursor ?? 0);
    asked.push(place);
    steps.push(`read ${place}`);
    await Promise.resolve();
    if (place === failAt) throw new Error(`page ${place}`);
    return { records: [], total: place, next: place === LAST ? undefined : place + 1, observedAt: 0, bytes: 0 };
  };
  const arrive = (page: ReadPage) => ({ page, isEnd: page.next === undefined || page.total === endAfter });
  const findFacts = ({ total }: ReadPage) => {
    steps.push(`look into ${total}`);
    return Promise.reject(new Error('nobody asked'));
  };
  return { ahead: new PagesAhead(undefined, { read, arrive, findFacts }), asked, steps };
}
