import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { InProcessEngine } from '../model/engine.ts';
import { ContactsApi } from './contacts-api.ts';

describe('whole runs beside the edits of others', () => {
  let api: ContactsApi;

  before(async () => {
    api = await ContactsApi.start();
  });
  after(() => api.stop());

  const story = async (rules: string, options: Parameters<ContactsApi['open']>[1], tell: (engine: InProcessEngine) => Promise<void>) => {
    const engine = await api.open(rules, options);
    try {
      await engine.run();
      api.writes = [];
      await tell(engine);
    } finally {
      await engine.close();
    }
  };
  const target = 'target: { connection: world, object: contacts, matchOn: email }';
  const policy = (named: string) => `conflict: { policy: ${named} }`;
  const plain = `${target}\nmapping: { email: mail, phone: phone }`;
  const ada = { mail: 'a@x.test', phone: '111' };

  describe('a record whose match value has changed in the source', () => {
    for (const named of ['target-wins', 'review'])
      it(`keeps what others changed in it, under ${named}, and what is written only where there is nothing`, async () => {
        const rules = `${target}\nmapping: { email: mail, phone: phone, name: { from: name, write: if-empty } }\n${policy(named)}`;
        await story(rules, { person: { ...ada, name: 'Ada' } }, async (engine) => {
          Object.assign(api.contacts[0] ?? {}, { phone: '999', name: 'Ada (VIP)' });
          Object.assign(api.people[0] ?? {}, { mail: 'new@x.test' });
          const { changes } = await engine.plan();
          assert.deepEqual(
            changes.map(({ action, fields }) => [action, fields.map(({ field }) => field)]),
            [['update', ['email']]],
          );
          assert.equal((await engine.run()).updated, 1);
          assert.deepEqual(api.writes, [{ kind: 'update', email: 'new@x.test', id: api.contacts[0]?.['id'] }]);
        });
      });

    it('is held where another record of the target has the new one, which stays as it is', async () => {
      await story(`${plain}\n${policy('target-wins')}`, { person: ada }, async (engine) => {
        const { id } = api.contacts[0] ?? {};
        api.contacts.push({ id: 'z9', email: 'new@x.test', phone: '777' });
        Object.assign(api.people[0] ?? {}, { mail: 'new@x.test', phone: '112' });
        const { counts, refusals } = await engine.plan();
        assert.deepEqual([counts.held, refusals[0]?.message.slice(0, 28)], [1, 'Another record of the target']);
        assert.equal((await engine.run()).held, 1);
        assert.deepEqual([api.writes, (await engine.known())[0]?.targetId], [[], id]);
      });
    });

    it('is left alone by a plan that did not see what others changed since', async () => {
      await story(plain, { person: ada }, async (engine) => {
        Object.assign(api.people[0] ?? {}, { mail: 'new@x.test' });
        const plan = await engine.plan();
        Object.assign(api.contacts[0] ?? {}, { phone: '999' });
        assert.equal((await engine.apply(plan)).skipped, 1);
        assert.deepEqual(api.writes, []);
      });
    });
  });

  describe('a record whose match value others changed in the target', () => {
    const edit = () => Object.assign(api.contacts[0] ?? {}, { email: 'ada@private.test' });

    it('is found by its id, and repaired by it', async () => {
      await story(plain, { person: ada }, async (engine) => {
        edit();
        const findings = await engine.reconcile();
        assert.deepEqual(
          findings.map(({ kind, fields }) => [kind, fields]),
          [['changed', [{ field: 'email', written: 'a@x.test', found: 'ada@private.test' }]]],
        );
        assert.equal((await engine.repair(findings)).updated, 1);
        assert.deepEqual(
          api.contacts.map(({ email }) => email),
          ['a@x.test'],
        );
        assert.deepEqual(await engine.reconcile(), []);
      });
    });

    it('is repaired by its id by a run, too, and not made a second time', async () => {
      await story(plain, { person: ada }, async (engine) => {
        edit();
        await engine.runAndRepair();
        assert.deepEqual(
          api.contacts.map(({ email }) => email),
          ['a@x.test'],
        );
      });
    });

    it('keeps what others changed in it where it goes by its id, under target-wins', async () => {
      const options = { person: { ...ada, name: 'Ada' }, kinds: ['create', 'update'] };
      const rules = `${target}\nmapping: { email: mail, phone: phone, name: name }\n${policy('target-wins')}`;
      await story(rules, options, async (engine) => {
        Object.assign(api.contacts[0] ?? {}, { email: 'ada@private.test', phone: '999' });
        Object.assign(api.people[0] ?? {}, { name: 'Ada L.' });
        const { counts } = await engine.plan();
        const { updated } = await engine.run();
        assert.deepEqual([counts.update, updated], [1, 1]);
        assert.deepEqual(
          api.writes.map(({ kind, name, phone, email }) => [kind, name, phone, email]),
          [['update', 'Ada L.', undefined, undefined]],
        );
      });
    });

    it('is not there where the target shows only that it was deleted', async () => {
      await story(plain, { person: ada }, async (engine) => {
        api.contacts = [{ id: api.contacts[0]?.['id'], isDeleted: true }];
        assert.deepEqual(
          (await engine.reconcile()).map(({ kind }) => kind),
          ['missing'],
        );
      });
    });
  });

  it('a record that goes by its id, and has gone from the target, is made anew', async () => {
    await story(plain, { person: ada }, async (engine) => {
      api.contacts = [];
      Object.assign(api.people[0] ?? {}, { mail: 'new@x.test' });
      const { counts } = await engine.plan();
      const { created, updated, rejected } = await engine.run();
      assert.deepEqual([counts.create, counts.rejected, created, updated, rejected], [1, 0, 1, 0, 0]);
      assert.deepEqual(
        api.contacts.map(({ email }) => email),
        ['new@x.test'],
      );
    });
  });

  describe('a field that is written once', () => {
    const rules = `${target}\nmapping: { email: mail, phone: phone, stage: { from: stage, write: once } }`;

    it('is not written again where the source had nothing there for a while', async () => {
      await story(rules, { person: { ...ada, stage: 'lead' } }, async (engine) => {
        Object.assign(api.contacts[0] ?? {}, { stage: 'customer' });
        for (const stage of [null, 'lead again']) {
          Object.assign(api.people[0] ?? {}, { stage });
          assert.equal((await engine.run()).unchanged, 1);
        }
        assert.deepEqual([api.writes, (await engine.known())[0]?.fields?.['stage']], [[], 'lead']);
        assert.deepEqual(await engine.reconcile(), []);
      });
    });

    it('is written again with a record that others deleted', async () => {
      await story(rules, { person: { ...ada, stage: 'lead' } }, async (engine) => {
        api.contacts = [];
        Object.assign(api.people[0] ?? {}, { phone: '222' });
        const { changes } = await engine.plan();
        await engine.run();
        assert.deepEqual(changes[0]?.fields.map(({ field, after: value }) => [field, value]).at(-1), ['stage', 'lead']);
        assert.deepEqual(
          api.contacts.map(({ stage }) => stage),
          ['lead'],
        );
      });
    });

    it('is written again with a record that was archived, and returns', async () => {
      const archived = rules.replace('matchOn: email', 'matchOn: email, mode: { archive: { set: { stage: gone } } }');
      await story(archived, { person: { ...ada, stage: 'lead' } }, async (engine) => {
        const people = api.people;
        api.people = [{ id: 2, mail: 'b@x.test' }];
        await engine.run();
        assert.equal(api.contacts[0]?.['stage'], 'gone');
        api.people = people;
        const { counts } = await engine.plan();
        const { updated } = await engine.run();
        assert.deepEqual([counts.update, updated, api.contacts[0]?.['stage']], [1, 1, 'lead']);
      });
    });
  });

  it('what others only spell in another way stays, where the target is not known to do so', async () => {
    await story(
      `${plain.replace('phone: phone', 'name: name, city: city')}\n${policy('target-wins')}`,
      { person: { mail: 'a@x.test', name: 'john mcdonald', city: 'a' } },
      async (engine) => {
        Object.assign(api.contacts[0] ?? {}, { name: 'John McDonald' });
        Object.assign(api.people[0] ?? {}, { city: 'b' });
        await engine.run();
        assert.deepEqual([api.contacts[0]?.['name'], api.contacts[0]?.['city']], ['John McDonald', 'b']);
      },
    );
  });

  it('a field that was left out for a while is no conflict where nobody changed it', async () => {
    const rules = `${target}\nmapping: { email: mail, name: name, phone: { from: phone, onNull: skip } }\n${policy('review')}`;
    await story(rules, { person: { ...ada, name: 'Ada' } }, async (engine) => {
      for (const edited of [{ phone: null, name: 'Ada L.' }, { phone: '222' }]) {
        Object.assign(api.people[0] ?? {}, edited);
        const { updated, held } = await engine.run();
        assert.deepEqual([updated, held], [1, 0]);
      }
      assert.equal(api.contacts[0]?.['phone'], '222');
    });
  });

  for (const [named, mapping, rules] of [
    ['written where there is nothing', 'phone: { from: phone, write: if-empty }', ''],
    ['written once', 'phone: { from: phone, write: once }', ''],
    ['theirs where both changed it', 'phone: phone', policy('target-wins')],
  ] as const)
    it(`a field that is ${named} is no drift once it was kept`, async () => {
      await story(`${target}\nmapping: { email: mail, name: name, ${mapping} }\n${rules}`, { person: { ...ada, name: 'Ada' } }, async (engine) => {
        Object.assign(api.contacts[0] ?? {}, { phone: '999' });
        Object.assign(api.people[0] ?? {}, { name: 'Ada L.', phone: '222' });
        assert.equal((await engine.run()).updated, 1);
        assert.deepEqual(await engine.reconcile(), []);
        Object.assign(api.contacts[0] ?? {}, { name: 'Lovelace' });
        const findings = await engine.reconcile();
        assert.deepEqual(
          findings.flatMap(({ fields }) => fields.map(({ field }) => field)),
          ['name'],
        );
      });
    });

  it('a record that came back under another key keeps what the old one had in the target, as the plan says', async () => {
    const rules = plain.replace('matchOn: email', 'matchOn: email, mode: mirror');
    await story(rules, { person: ada, kinds: ['upsert', 'update', 'delete'] }, async (engine) => {
      api.people = [{ id: 9, ...ada, phone: '222' }];
      const { counts, remarks } = await engine.plan();
      assert.deepEqual([counts.delete, counts.update, counts.create], [0, 1, 0]);
      assert.match(remarks.join(), /1 record gone would be kept in the target/);
      assert.equal((await engine.run()).deletesDue, 0);
      assert.deepEqual(
        api.contacts.map(({ email, phone }) => [email, phone]),
        [['a@x.test', '222']],
      );
      api.people = [{ id: 8, mail: 'b@x.test', phone: '333' }];
      assert.equal((await engine.run()).deleted, 1, 'it is the new one’s alone, and goes with it');
    });
  });

  it('a record that lost its target record to another is found missing, and made by a repair', async () => {
    await story(plain, { person: ada }, async (engine) => {
      api.people.push({ id: 2, ...ada, phone: '222' });
      await engine.run();
      assert.equal(api.contacts.length, 1, 'two of the source are one in the target');
      assert.deepEqual(await engine.reconcile(), []);
      // The address is the second one's from now on; the first takes the target record along to its own new one.
      Object.assign(api.people[0] ?? {}, { mail: 'new@x.test' });
      await engine.run();
      assert.deepEqual(
        api.contacts.map(({ email, phone }) => [email, phone]),
        [['new@x.test', '111']],
      );
      const findings = await engine.reconcile();
      assert.deepEqual(
        findings.map(({ kind, key }) => [kind, key]),
        [['missing', '2']],
      );
      await engine.repair(findings);
      assert.deepEqual(
        api.contacts.map(({ email, phone }) => [email, phone]),
        [
          ['new@x.test', '111'],
          ['a@x.test', '222'],
        ],
      );
      assert.deepEqual(await engine.reconcile(), []);
    });
  });

  it('are seen to take away what has gone, and to read the target back, while they do', async () => {
    const rules = plain.replace('matchOn: email', 'matchOn: email, mode: mirror');
    await story(rules, { person: ada, kinds: ['upsert', 'update', 'delete'] }, async (engine) => {
      assert.deepEqual(await engine.stepsOfRunAndRepair(), ['sweeping', 'reconciling']);
    });
  });
});
