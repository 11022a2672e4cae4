import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FLAP_MS } from '../../../ledger/incident-store.ts';
import type { Ledger } from '../../../ledger/ledger.ts';
import { SCOPE } from '../support/run-driver.ts';
import { closing, type OpenStore } from './open-store.ts';

const RULE = 'run-failed';
const OTHER = 'acme/prod/contacts';

export function incidentsConformance(openStore: OpenStore): void {
  describe('incidents', () => {
    const open = closing(openStore);
    const begin = (ledger: Ledger, id: string, at: number, scope = SCOPE, rule = RULE) =>
      ledger.openIncident({ id, scope, rule, what: `${id} went wrong.`, openedBy: `r_${id}`, openedAt: at });
    const end = (ledger: Ledger, at: number) => ledger.closeIncident({ scope: SCOPE, rule: RULE, closedBy: `r_${at}`, closedAt: at });
    const told = (ledger: Ledger, incident: string, channel: string, event: 'opened' | 'closed') => ledger.noteTold({ incident, channel, event, at: 50 });
    const unfinished = async (ledger: Ledger) => (await ledger.listUnfinishedIncidents(SCOPE)).map(({ id }) => id);

    it('are one for each rule until it ends, whichever runs go wrong meanwhile', async () => {
      const ledger = await open();
      assert.deepEqual([await begin(ledger, 'i_1', 10), await begin(ledger, 'i_1', 11), await begin(ledger, 'i_2', 20)], [true, false, false]);
      await begin(ledger, 'i_3', 30, SCOPE, 'run-finished: rejected > 1');
      await begin(ledger, 'i_4', 40, OTHER);
      assert.deepEqual(await unfinished(ledger), ['i_1', 'i_3']);
      const [first] = await ledger.listUnfinishedIncidents(SCOPE);
      const facts = { id: 'i_1', scope: SCOPE, rule: RULE, what: 'i_1 went wrong.', openedBy: 'r_i_1', openedAt: 10, flaps: 0 };
      assert.deepEqual(first, { ...facts, toldOpened: [], toldClosed: [] });
    });

    it('end by the first run that goes well, and one that has ended does not begin again', async () => {
      const ledger = await open();
      await begin(ledger, 'i_1', 10);
      await told(ledger, 'i_1', 'ops', 'opened');
      assert.deepEqual([await end(ledger, 20), await end(ledger, 30)], [true, false]);
      await begin(ledger, 'i_1', 10);
      const [ended, ...others] = await ledger.listUnfinishedIncidents(SCOPE);
      assert.deepEqual([ended?.closedAt, ended?.closedBy, ended?.toldOpened, ended?.toldClosed, others], [20, 'r_20', ['ops'], [], []]);
      await begin(ledger, 'i_2', 20 + FLAP_MS);
      assert.deepEqual(
        (await ledger.listUnfinishedIncidents(SCOPE)).map(({ id, flaps }) => [id, flaps]),
        [
          ['i_1', 0],
          ['i_2', 0],
        ],
      );
    });

    it('that begin again soon after an end of which nobody was told go on, and are counted where somebody was', async () => {
      const ledger = await open();
      const counted = async () => (await ledger.listUnfinishedIncidents(SCOPE)).map(({ id, flaps, closedAt }) => [id, flaps, closedAt]);
      await begin(ledger, 'i_1', 10);
      await told(ledger, 'i_1', 'ops', 'opened');
      await end(ledger, 20);
      assert.equal(await begin(ledger, 'i_2', 19 + FLAP_MS), true);
      assert.deepEqual(await counted(), [['i_1', 1, undefined]]);
      await end(ledger, 50 + FLAP_MS);
      await told(ledger, 'i_1', 'ops', 'closed');
      await begin(ledger, 'i_3', 60 + FLAP_MS);
      assert.deepEqual(await counted(), [['i_3', 2, undefined]]);
    });

    it('of a sync are kept back until a time, or told again', async () => {
      const ledger = await open();
      await ledger.muteAlerts({ scope: SCOPE, until: 100 });
      await ledger.muteAlerts({ scope: OTHER, until: 100 });
      assert.deepEqual(await ledger.listMutes('acme/dev/', 99), [{ scope: SCOPE, until: 100 }]);
      assert.deepEqual(await ledger.listMutes('acme/dev/', 100), []);
      await ledger.muteAlerts({ scope: SCOPE, until: 50 });
      assert.deepEqual(await ledger.listMutes('acme/dev/', 60), []);
    });

    it('are done with when each channel that was told of their begin was told of their end', async () => {
      const ledger = await open();
      await begin(ledger, 'i_1', 10);
      for (const channel of ['ops', 'pager', 'ops']) await told(ledger, 'i_1', channel, 'opened');
      await end(ledger, 20);
      await told(ledger, 'i_1', 'ops', 'closed');
      assert.deepEqual((await ledger.listUnfinishedIncidents(SCOPE))[0]?.toldClosed, ['ops']);
      await told(ledger, 'i_1', 'pager', 'closed');
      assert.deepEqual(await unfinished(ledger), []);
      await begin(ledger, 'i_2', 30);
      await end(ledger, 40);
      assert.deepEqual(await unfinished(ledger), [], 'nobody knew of it');
    });

    it('are listed while they are open, for one project and profile', async () => {
      const ledger = await open();
      await begin(ledger, 'i_2', 20, 'acme/dev/companies');
      await begin(ledger, 'i_1', 10);
      await begin(ledger, 'i_3', 30, OTHER);
      const listed = async (prefix: string) => (await ledger.listOpenIncidents(prefix)).map(({ id }) => id);
      assert.deepEqual(await listed('acme/dev/'), ['i_1', 'i_2']);
      assert.deepEqual(
        (await ledger.listUnfinishedIncidents('acme/dev/')).map(({ id }) => id),
        ['i_1', 'i_2'],
      );
      await end(ledger, 40);
      assert.deepEqual([await listed('acme/dev/'), await listed('acme/prod/')], [['i_2'], ['i_3']]);
    });

    it('are forgotten with the audit trail once they have ended', async () => {
      const ledger = await open();
      await begin(ledger, 'i_1', 10);
      await told(ledger, 'i_1', 'ops', 'opened');
      await end(ledger, 20);
      await begin(ledger, 'i_2', 30, SCOPE, 'another rule');
      await ledger.pruneAudit(4_000);
      assert.deepEqual(await unfinished(ledger), ['i_2']);
    });
  });
}
