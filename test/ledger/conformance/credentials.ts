import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { closing, type OpenStore } from './open-store.ts';

export function credentialsConformance(openStore: OpenStore): void {
  describe('credentials', () => {
    const open = closing(openStore);

    it('are kept by account and name, the last one', async () => {
      const ledger = await open();
      assert.equal(await ledger.readCredential('acme/dev/crm', 'token'), undefined);
      await ledger.saveCredential('acme/dev/crm', 'token', { access: 'one', expiresAt: 1 }, 1);
      await ledger.saveCredential('acme/dev/crm', 'token', { access: 'two' }, 2);
      await ledger.saveCredential('acme/dev/crm2', 'token', { access: 'other' }, 3);
      assert.deepEqual(await ledger.readCredential('acme/dev/crm', 'token'), { access: 'two' });
    });

    it('are renewed by one at a time: the others wait, and accounts do not wait for each other', async () => {
      const ledger = await open();
      let inside = 0;
      let most = 0;
      const work = async () => {
        inside += 1;
        most = Math.max(most, inside);
        await sleep(20);
        inside -= 1;
        return inside;
      };
      await Promise.all([1, 2, 3].map(() => ledger.withCredentialLock('acme/dev/crm', work)));
      assert.equal(most, 1);
      const nested = await ledger.withCredentialLock('acme/dev/crm', () => ledger.withCredentialLock('acme/dev/hubspot', async () => 'both'));
      assert.equal(nested, 'both');
    });

    it('are let go when the work fails', async () => {
      const ledger = await open();
      await assert.rejects(
        ledger.withCredentialLock('acme/dev/crm', () => Promise.reject(new Error('refused'))),
        /refused/,
      );
      assert.equal(await ledger.withCredentialLock('acme/dev/crm', async () => 'free'), 'free');
    });
  });
}
