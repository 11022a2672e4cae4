import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { json } from '../../http/local-server.ts';
import type { Person } from '../../support/small-api.ts';
import { begin, CURSOR, page, person, type Setting, WINDOW } from './people-source.ts';

export function increments(): void {
  describe('an incremental read', { concurrency: 3 }, () => {
    const setting = { people: 50, list: `${WINDOW}\n      ${CURSOR}`, source: 'incremental: { cursorField: updated_at }' };
    /** By id, strictly after the bound: what is equal to it is left out. */
    const strictly =
      (onPage: (people: Map<number, Person>, after: string | null) => Record<string, string> | undefined = () => undefined): Setting['answer'] =>
      (people) =>
      ({ url }, response) => {
        const query = new URL(url, 'http://x').searchParams;
        const found = [...people.values()].filter(({ updated_at }) => updated_at > (query.get('since') ?? ''));
        const headers = onPage(people, query.get('after'));
        page(response, found, query.get('after'), headers);
      };

    it('finds what came in the same moment as the last record of the run before', async (context) => {
      const { people, run, names } = await begin(context, { ...setting, answer: strictly() });
      await run();
      const [last] = [...people.values()]
        .map(({ updated_at }) => updated_at)
        .toSorted()
        .reverse();
      people.set(51, { ...person(51, 'Late', 0), updated_at: last ?? '' });
      const { text } = await run();
      assert.equal(names()['p51@example.test'], 'Late', text);
      assert.match(text, /read\s+2\b/, 'what is equal to the watermark is read again, and nothing else');
    });

    it('finds what changed behind its back, also where the clocks differ by hours', async (context) => {
      const skewMs = -5 * 3_600_000;
      const date = () => ({ date: new Date(Date.now() + skewMs).toUTCString() });
      let hasChanged = false;
      const { people, run, names } = await begin(context, {
        ...setting,
        answer: strictly((all, after) => {
          if (after !== '20' || hasChanged) return date();
          hasChanged = true;
          // When its page is read already; and then a newer one that is still to come.
          all.set(1, person(1, 'Changed', Date.now() + skewMs));
          all.set(49, person(49, 'Newest', Date.now() + skewMs + 500));
          return date();
        }),
      });
      for (const [id, one] of people) people.set(id, { ...one, updated_at: new Date(Date.parse(one.updated_at) + skewMs).toISOString() });
      await run();
      assert.deepEqual([names()['p1@example.test'], names()['p49@example.test']], ['Person 1', 'Newest']);
      await run();
      assert.equal(names()['p1@example.test'], 'Changed');
    });

    it('asks for changes where the API has a list of them, and for everything where it keeps them for a shorter time than it was not read', async (context) => {
      const list = `${CURSOR}\n    changes: { get: /changes, query: { since: "{window.from}" }, records: data, keeps: 2h }`;
      const since = ({ url }: { readonly url: string }) => new URL(url, 'http://x').searchParams.get('since') ?? '';
      const answer: Setting['answer'] = (people) => (request, response) => {
        const found = [...people.values()].filter(({ updated_at }) => updated_at >= since(request));
        page(response, found, new URL(request.url, 'http://x').searchParams.get('after'));
      };
      const { project, server, people, run, names } = await begin(context, { ...setting, list, answer });
      const paths = () => [...new Set(server.received.map(({ url }) => url.split('?')[0]))];
      await run();
      const plan = await project.cli('plan', 'people');
      assert.match(
        plan.stdout,
        /by a read of everything[\s\S]*crm keeps changes or deletes for a shorter time than it was not read/,
        'the last change is a day old',
      );
      people.set(51, person(51, 'New', Date.now() - 60_000));
      await run();
      assert.deepEqual(paths(), ['/people']);
      people.set(52, person(52, 'Newer', Date.now()));
      const { text } = await run();
      assert.deepEqual(paths(), ['/changes']);
      assert.match(text, /read\s+2\b/);
      assert.equal(names()['p52@example.test'], 'Newer');
    });

    it('begins where the last settled one did, when a run could not read to its end', async (context) => {
      let isBroken = false;
      const { target, people, run, asked } = await begin(context, {
        ...setting,
        answer: (all) => (request, response) => {
          const after = new URL(request.url, 'http://x').searchParams.get('after');
          if (isBroken && after !== null) return json(response, { message: 'no' }, 400);
          return strictly()(all)(request, response);
        },
      });
      await run();
      const first = asked().length;
      assert.equal(first, 3);
      for (let id = 1; id <= 45; id++) people.set(id, person(id, `Renamed ${id}`, Date.now() - 100_000 + id));
      isBroken = true;
      assert.equal((await run()).code, 1);
      const [broken] = asked();
      isBroken = false;
      assert.equal((await run()).code, 0);
      assert.equal(asked()[0]?.get('since'), broken?.get('since'), 'the watermark has not moved');
      assert.equal([...target.contacts.values()].filter((contact) => (contact.name ?? '').startsWith('Renamed')).length, 45);
    });
  });
}
