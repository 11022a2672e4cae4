import assert from 'node:assert/strict';
import { it } from 'node:test';
import { TokenKeeper } from '../../http/auth/token-keeper.ts';
import { memoryTokens } from './token-server.ts';

it('a token that is refused while it is looked for in the store is renewed all the same', async () => {
  let asked = 0;
  const clock = { at: 0, now: () => clock.at, random: () => 0.5 };
  const keeper = new TokenKeeper({
    options: { account: 'acme/dev/crm', tokens: memoryTokens() },
    clock,
    settings: 's',
    secrets: [],
    watchMs: 1_000,
    request: async () => {
      asked += 1;
      return { accessToken: `access-${asked}`, lifetimeMs: 3_600_000 };
    },
  });
  const request = { url: new URL('https://api.acme.test/'), headers: {} };
  const sent = { ...request };
  await keeper.apply(sent);
  clock.at += 2_000;
  const [, isRenewed] = await Promise.all([keeper.apply({ ...request }), keeper.onRejected(sent)]);
  assert.deepEqual([isRenewed, asked], [true, 2]);
});
