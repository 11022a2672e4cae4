import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { closing, type OpenStore } from './open-store.ts';

export function definitionsConformance(openStore: OpenStore): void {
  describe('definitions', () => {
    const open = closing(openStore);

    it('are kept by their hash, and keeping one again changes nothing', async () => {
      const ledger = await open();
      await ledger.saveDefinition('h1', 'acme/dev/a', { name: 'a', list: [1, null, { x: 'ü' }] }, 1);
      await ledger.saveDefinition('h1', 'acme/dev/a', { name: 'another' }, 2);
      assert.deepEqual(await ledger.readDefinition('h1'), { name: 'a', list: [1, null, { x: 'ü' }] });
    });

    it('are undefined where the hash is unknown', async () => {
      assert.equal(await (await open()).readDefinition('nope'), undefined);
    });
  });
}
