import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import { Project } from '../support/project.ts';
import { HOSTILE_PAGES, HOSTILE_RESULTS, type Hostile, odd } from './hostile-answers.ts';
import { PAGINGS, StylesApi, stylesProject, WRITES } from './styles-api.ts';

const IS_LONG = process.env['SYNCLINE_TEST_LONG'] === '1';
const PEOPLE = 150;
/** By turns, where it must be quick. */
const STYLES = ['create and search', 'upsert'];

describe('whole runs on an API that answers what it should not', () => {
  let project: Project;
  before(async () => {
    project = await Project.create({});
    await project.startWorker();
  });
  after(() => project.stop());

  let count = 0;
  /** A sync of its own, of pages that go on by a link, to contacts written in the way named. */
  const begin = async (context: TestContext, write: string) => {
    const api = await StylesApi.start(PEOPLE);
    context.after(() => api.stop());
    count += 1;
    const name = `s${count}`;
    const styles = { source: api.url, target: api.url, paging: PAGINGS['next-url in the body'] ?? '', write: WRITES[write] ?? '', giveUpAfter: '3s' };
    for (const [file, text] of Object.entries(stylesProject(name, styles))) project.write(file, text);
    const run = async () => {
      const { code, stdout, stderr } = await project.cli('run', name, '--yes');
      return { code, text: `${stdout} ${stderr}`.replaceAll(/\s+/g, ' ') };
    };
    return { api, name, run };
  };

  // Every other one, where it must be quick.
  for (const [name, { answer, exit, says }] of Object.entries(HOSTILE_PAGES).filter((_, index) => IS_LONG || index % 2 === 0)) {
    it(`${name} ends the run with a sentence to act on; what was read is written, nothing is invented, and the next run is whole`, async (context) => {
      const { api, run } = await begin(context, 'upsert');
      api.spoil = (request, response, body) => {
        if (request.url?.includes('from=50') !== true) return false;
        answer(response, body);
        return true;
      };
      const spoilt = await run();
      assert.equal(spoilt.code, exit, spoilt.text);
      assert.match(spoilt.text, says);
      const people = new Set(api.people.map(({ mail }) => mail));
      assert.ok(
        [...api.contacts.keys()].every((email) => people.has(email)),
        'nobody is there who is not in the source',
      );
      api.spoil = () => false;
      assertWhole(api, await run());
    });
  }

  for (const [index, [name, answer]] of Object.entries(HOSTILE_RESULTS).entries()) {
    for (const write of IS_LONG ? STYLES : STYLES.slice(index % 2, (index % 2) + 1)) {
      it(`${name} to a write by ${write}: each record is there once, and is told as written once it is known`, async (context) => {
        const { api, run } = await begin(context, write);
        spoilWrite(api, 3, answer);
        assertWhole(api, await run());
      });
    }
  }

  it('records with a long number, half a surrogate pair, also in a key, and __proto__ arrive as they are, once', async (context) => {
    const { api, name, run } = await begin(context, 'create and search');
    api.spoil = (request, response, body) => {
      if (request.url?.includes('from=50') !== true) return false;
      odd(response, body);
      return true;
    };
    const { code, text } = await run();
    assert.equal(code, 0, text);
    const arrived = (id: number) => api.contacts.get(`p${id}@example.test`)?.map(({ id: _, ...fields }) => fields);
    assert.deepEqual(arrived(51), [{ email: 'p51@example.test', name: 'half \ud800 a pair', big: 51 }]);
    assert.deepEqual(arrived(52), [{ email: 'p52@example.test', name: 'Person 52', big: '9007199254740993' }]);
    assert.deepEqual(arrived(53), [{ email: 'p53@example.test', name: 'Person 53', big: 53 }]);
    assert.deepEqual(arrived(54), [{ email: 'p54@example.test', name: 'Person 54', big: 54 }]);
    assert.equal(api.contacts.size, PEOPLE);
    const again = await run();
    assert.match(again.text, /unchanged 150/, 'what arrived is what was told');
    const { stdout } = await project.cli('records', name, '--key', '54 \ufffd', '--json');
    assert.equal(stdout.match(/"event": ?"staged"/g)?.length, 1, 'and known when it is read');
  });
});

/** One of the writes is answered otherwise. */
function spoilWrite(api: StylesApi, number: number, answer: Hostile): void {
  let writes = 0;
  api.spoil = ({ method }, response, body) => {
    if (method !== 'POST') return false;
    writes += 1;
    if (writes !== number) return false;
    answer(response, body);
    return true;
  };
}

function assertWhole(api: StylesApi, { code, text }: { readonly code: number; readonly text: string }): void {
  assert.equal(code, 0, text);
  assert.match(text, /books closed/);
  const found = [...api.contacts].map(([email, made]) => [email, made.map(({ name, big }) => ({ name, big }))]);
  const wanted = api.people.map(({ mail, name, big }) => [mail, [{ name, big }]]);
  assert.deepEqual(found.toSorted(), wanted.toSorted());
}
