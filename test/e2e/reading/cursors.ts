import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { json } from '../../http/local-server.ts';
import { begin, CURSOR, page, type Setting } from './people-source.ts';

export function forgottenCursors(): void {
  describe('a cursor that the source forgets in the middle of a run', { concurrency: 3 }, () => {
    const errors = 'errors: [{ when: "status = 410", outcome: cursor-expired, message: body.message }]';
    const forgetting = (good: (walk: number) => number): Setting['answer'] => {
      let walk = 0;
      let left = 0;
      return (people) =>
        ({ url }, response) => {
          const after = new URL(url, 'http://x').searchParams.get('after');
          if (after === null) left = good(++walk);
          if (left-- <= 0) return json(response, { message: 'this cursor has expired' }, 410);
          page(response, [...people.values()], after);
        };
    };

    it('costs nothing but a second read', async (context) => {
      const answer = forgetting((walk) => (walk === 1 ? 7 : 100));
      const { target, run } = await begin(context, { people: 300, list: CURSOR, errors, answer });
      let sent = 0;
      target.refuse = (batch) => {
        sent += batch.length;
      };
      const { code, text } = await run();
      assert.equal(code, 0, text);
      assert.match(text, /read\s+300\b/);
      assert.match(text, /books\s+closed/);
      assert.equal(target.contacts.size, 300);
      assert.equal(sent, 300, 'nothing is written twice');
    });

    it('always at the same place fails the run with a sentence, and what was read is written', async (context) => {
      const { project, target, run } = await begin(context, { people: 300, list: CURSOR, errors, answer: forgetting(() => 4) });
      const { code } = await run();
      assert.equal(code, 1);
      assert.equal(target.contacts.size, 80);
      const shown = await project.cli('show', 'last');
      assert.match(shown.stdout.replace(/\s+/g, ' '), /this cursor has expired.*read again 3 times and got no further/);
    });
  });
}
