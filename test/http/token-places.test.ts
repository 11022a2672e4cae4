import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { lifetimeAt } from '../../http/auth/token-places.ts';
import { inZone } from '../support/in-zone.ts';

const NOW = Date.UTC(2026, 0, 1);
const TEN_MINUTES = 600_000;
const lifetimeOf = (until: string | number) => lifetimeAt({ expiresAt: 'until' }, { until }, NOW, (what) => new Error(what));

describe('the end of a token', () => {
  inZone('America/New_York');

  for (const until of [
    '2026-01-01T00:10:00',
    '2026-01-01 00:10:00',
    '2026-01-01T01:10:00+01:00',
    'Thu, 01 Jan 2026 00:10:00 GMT',
    1_767_226_200,
    '1767226200000',
  ])
    it(`is read wherever the worker is: ${until}`, async () => {
      assert.equal(await lifetimeOf(until), TEN_MINUTES);
    });

  it('that is no time is said to be none', async () => {
    await assert.rejects(lifetimeOf('soon'), /holds no time at until/);
  });
});
