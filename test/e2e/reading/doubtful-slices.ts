import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { begin, CURSOR, DAY, page, person, type Setting, WINDOW } from './people-source.ts';

export function doubtfulSlices(): void {
  describe('slices that are not what they should be', { concurrency: 3 }, () => {
    const setting = {
      people: 200,
      source: `incremental: { cursorField: updated_at }\n  slices: { by: window, size: 50d, from: ${new Date(Date.now() - 190 * DAY).toISOString()}, parallel: 4 }`,
    };
    const answering =
      (start: string, end: string): Setting['answer'] =>
      (people) =>
      ({ url }, response) => {
        const query = new URL(url, 'http://x').searchParams;
        const found = [...people.values()].filter(
          ({ updated_at }) =>
            (!query.has(start) || (updated_at !== '' && updated_at > (query.get(start) ?? ''))) &&
            (!query.has(end) || (updated_at !== '' && updated_at < (query.get(end) ?? ''))),
        );
        page(response, found, query.get('after'), { 'x-total': String(found.length) });
      };
    const total = 'page: { type: cursor, cursor: next, param: after, total: "headers.\'x-total\'" }';

    it('are read alone where they hold all that the list announces', async (context) => {
      const { target, run, asked } = await begin(context, { ...setting, list: `${WINDOW}\n      ${total}`, answer: answering('since', 'before') });
      const { code, text } = await run();
      assert.equal(code, 0, text);
      assert.equal(target.contacts.size, 200);
      const whole = asked().filter((query) => !query.has('since') && !query.has('before'));
      assert.equal(whole.length, 1, 'for the total');
    });

    it('hold no record without a date: it is found in the list as a whole', async (context) => {
      const { people, target, run } = await begin(context, { ...setting, list: `${WINDOW}\n      ${total}`, answer: answering('since', 'before') });
      for (let id = 201; id <= 230; id++) people.set(id, { ...person(id, 'Undated', 0), updated_at: '' });
      const { code, text } = await run();
      assert.equal(code, 0, text);
      assert.equal(target.contacts.size, 230);
      assert.match(text, /read\s+230\b/);
    });

    it('because the API knows their parameters by another name, end the run with a sentence', async (context) => {
      const { project, server, run } = await begin(context, {
        ...setting,
        list: `${WINDOW}\n      ${CURSOR}`,
        answer: answering('updated_since', 'updated_before'),
      });
      assert.equal((await run()).code, 1);
      assert.ok(server.received.length <= 12, `${server.received.length} requests`);
      const { stdout } = await project.cli('show', 'last');
      assert.match(stdout.replace(/\s+/g, ' '), /crm people, asked for a slice .* gave mostly records from outside of it.*Check the names of the parameters/);
    });
  });
}
