import assert from 'node:assert/strict';
import { it } from 'node:test';
import { CostBucket, costWaitMs } from '../../http/cost-bucket.ts';

const learnt = (available: number, requested: number, now = 0) => {
  const bucket = new CostBucket();
  bucket.learn({ available, requested, restoreRate: 50, maximum: 1_000 }, { sentAt: now, now });
  return bucket;
};

it('before the first answer nobody waits', () => assert.equal(new CostBucket().waitMs(0), 0));

it('as long as the dearest of late would find enough, nobody waits', () => {
  const bucket = learnt(500, 200);
  bucket.take(0);
  assert.equal(bucket.waitMs(0), 0);
  bucket.take(0);
  assert.equal(bucket.waitMs(0), 2_000, '100 are left of 200');
  assert.equal(bucket.waitMs(1_000), 1_000);
  assert.equal(bucket.waitMs(2_000), 0);
});

it('what was taken and not sent is given back', () => {
  const bucket = learnt(200, 200);
  bucket.take(0);
  assert.equal(bucket.waitMs(0), 4_000);
  bucket.undo();
  assert.equal(bucket.waitMs(0), 0);
});

it('an answer does not know of the requests that left after its own', () => {
  const bucket = learnt(1_000, 300);
  bucket.take(10);
  bucket.take(20);
  bucket.learn({ available: 700, requested: 300, restoreRate: 50, maximum: 1_000 }, { sentAt: 10, now: 30 });
  bucket.take(30);
  assert.equal(bucket.waitMs(30), 4_000, '700, less what left at 20 and at 30, are 100 of 300');
});

it('where others share the account only a part of what is there is ours, and of what comes back', () => {
  const bucket = learnt(400, 100);
  assert.equal(bucket.perSecond, 0.5);
  bucket.setShare(0.25, 0);
  assert.equal(bucket.waitMs(0), 0, '100 of the 400');
  bucket.take(0);
  assert.equal(bucket.waitMs(0), 8_000, '12.5 points a second');
  bucket.setShare(0, 4_000);
  bucket.setShare(1, 10_000);
  assert.equal(bucket.waitMs(10_000), 2_000, 'while it was none nothing came back, and nobody knows what the others have left');
  bucket.learn({ available: 300, requested: 100, restoreRate: 50, maximum: 1_000 }, { sentAt: 10_000, now: 10_000 });
  bucket.setShare(0.05, 10_000);
  assert.equal(bucket.waitMs(10_000), 14_000, 'what is dearer than our part of the bucket waits until that is full');
});

it('a dear request of long ago is forgotten, and one dearer than the bucket waits for a full one', () => {
  const bucket = learnt(1_000, 5_000);
  assert.equal(bucket.waitMs(0), 0);
  for (let count = 0; count < 20; count++) bucket.learn({ available: 40, requested: 10, restoreRate: 50, maximum: 1_000 }, { sentAt: 1, now: 1 });
  assert.equal(bucket.waitMs(1), 0);
});

it('a refused request waits until its points are back, and never for nothing', () => {
  assert.equal(costWaitMs({ available: 666, requested: 752, restoreRate: 50 }), 1_720);
  assert.equal(costWaitMs({ available: 800, requested: 752, restoreRate: 50 }), 100);
  assert.equal(costWaitMs({ available: 0, requested: 752, restoreRate: 0 }), 100);
});
