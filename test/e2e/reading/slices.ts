import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer } from '../../http/local-server.ts';
import type { Person } from '../../support/small-api.ts';
import { until } from '../../support/until.ts';
import { begin, CURSOR, DAY, page, person, type Setting, WINDOW } from './people-source.ts';

export function slices(): void {
  describe('slices side by side', { concurrency: 3 }, () => {
    const sliced = (people: Map<number, Person>, latencyMs: number): Answer => {
      return async ({ url }, response) => {
        const query = new URL(url, 'http://x').searchParams;
        await sleep(latencyMs);
        const [since, before] = [query.get('since') ?? '', query.get('before') ?? '9'];
        page(
          response,
          [...people.values()].filter(({ updated_at }) => updated_at > since && updated_at < before),
          query.get('after'),
        );
      };
    };
    const setting = {
      people: 1_200,
      list: `${WINDOW}\n      ${CURSOR}`,
      source: `incremental: { cursorField: updated_at }\n  slices: { by: window, size: 150d, from: ${new Date(Date.now() - 1_150 * DAY).toISOString()}, parallel: 8 }`,
      sync: 'segment: { records: 300 }',
    };

    it('of a run that is killed in the middle lose nothing, and read again only what was under way', async (context) => {
      const { project, worker, server, target, people, run, asked, names } = await begin(context, { ...setting, answer: (all) => sliced(all, 80) });
      const running = run();
      await until('a third to be written', async () => target.contacts.size > 400);
      worker.child.kill('SIGKILL');
      await project.startWorker();
      const { code, text } = await running;
      assert.equal(code, 0, text);
      assert.equal(target.contacts.size, 1_200);
      const requests = asked().map((query) => query.toString());
      const again = requests.length - new Set(requests).size;
      assert.ok(again <= 18, `${again} of ${requests.length} pages read again`);
      // The watermark is the last value of all, whichever slice was read last: nothing more is sent, and a change is found.
      const writes = target.answered(200);
      const second = await run();
      assert.equal(second.code, 0, second.text);
      assert.equal(server.received.length, 1, 'one slice');
      assert.equal(target.answered(200), writes);
      people.set(7, person(7, 'Renamed', Date.now()));
      await run();
      assert.equal(names()['p7@example.test'], 'Renamed');
    });

    it('take a record that moves from one to the other while they are read as it is now', async (context) => {
      const { target, run, names } = await begin(context, {
        ...setting,
        answer: (people) => {
          const answer = sliced(people, 5);
          return async (request, response) => {
            const query = new URL(request.url, 'http://x').searchParams;
            // The page of its old slice is slow, and shows it as it was; meanwhile its new slice shows it as it is.
            const isOld = query.get('since') === null && query.get('after') === null;
            const before = isOld ? structuredClone(people) : people;
            if (isOld) people.set(1, person(1, 'Renamed', Date.now() - 1_000));
            await (isOld ? sliced(before, 500) : answer)(request, response);
          };
        },
      });
      assert.equal((await run()).code, 0);
      assert.equal(target.contacts.size, 1_200);
      assert.equal(names()['p1@example.test'], 'Renamed');
    });
  });

  describe('slices by list', { concurrency: 3 }, () => {
    const byRegion: Setting = {
      people: 120,
      list: `query: { region: "{slice.value}" }\n      ${CURSOR}`,
      source: 'slices: { by: list, values: [EU, US, ASIA] }',
      answer:
        (people) =>
        ({ url }, response) => {
          const query = new URL(url, 'http://x').searchParams;
          const regions = ['EU', 'US', 'ASIA'];
          page(
            response,
            [...people.values()].filter(({ id }) => regions[id % 3] === query.get('region')),
            query.get('after'),
          );
        },
    };

    it('read an object that can only be listed by a parameter: all of it, a few, and those that are named', async (context) => {
      const { project, target, asked, server, run } = await begin(context, byRegion);
      const few = await project.cli('run', 'people', '--limit', '10', '--yes');
      assert.equal(few.code, 0, few.stderr);
      assert.equal(target.contacts.size, 10);
      assert.deepEqual([...new Set(asked().map((query) => query.get('region')))], ['EU'], 'a few are read from one slice after the other');
      const named = await project.cli('run', 'people', '--key', '119,120', '--yes');
      assert.equal(named.code, 0, named.stderr);
      assert.ok(target.contacts.has('p119@example.test') && target.contacts.has('p120@example.test'));
      const all = await run();
      assert.equal(all.code, 0, all.text);
      assert.equal(target.contacts.size, 120);
      assert.equal(server.received.length, 6);
    });
  });
}
