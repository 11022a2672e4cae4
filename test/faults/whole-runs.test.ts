import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Project } from '../support/project.ts';
import { type Fault, FaultProxy } from './fault-proxy.ts';
import { PAGINGS, StylesApi, stylesProject, WRITES } from './styles-api.ts';

const IS_LONG = process.env['SYNCLINE_TEST_LONG'] === '1';
const PEOPLE = 300;

/** What befalls a connection, by its number. */
const FAULTS: Readonly<Record<string, (connection: number) => Fault>> = {
  'latency and jitter': () => ({ kind: 'slow', latencyMs: 10, jitterMs: 40 }),
  'resets in the middle of answers': (n) => (n % 3 === 2 ? { kind: 'none' } : { kind: 'reset', afterBytes: n % 3 === 0 ? 500 : 5_000 }),
  'connections that stay half open': (n) => (n % 3 === 2 ? { kind: 'none' } : { kind: 'half-open', afterBytes: n % 3 === 0 ? 300 : 6_000 }),
  'answers byte by byte': () => ({ kind: 'sliced' }),
  'no answers in time': (n) => (n % 3 === 0 ? { kind: 'slow', latencyMs: 1_500, jitterMs: 300 } : { kind: 'none' }),
  'connections refused': (n) => (n % 2 === 0 ? { kind: 'refused' } : { kind: 'none' }),
};

/** Each fault with each way of paging; the ways of writing take turns, so that each meets each fault. A few of them where it must be quick. */
const COMBINATIONS = Object.keys(FAULTS).flatMap((fault, row) =>
  Object.keys(PAGINGS).map((paging, column) => {
    const write = Object.keys(WRITES)[(row + column) % Object.keys(WRITES).length] ?? '';
    return { fault, paging, write };
  }),
);
const QUICK = COMBINATIONS.filter((_, index) => index % 8 === 1).slice(0, 4);

describe('whole runs over a bad network on both sides', () => {
  let project: Project;
  before(async () => {
    project = await Project.create({});
    await project.startWorker();
  });
  after(() => project.stop());

  for (const [index, { fault, paging, write }] of (IS_LONG ? COMBINATIONS : QUICK).entries()) {
    it(`${fault}: read by ${paging}, written by ${write}: nothing lost, nothing doubled`, async (context) => {
      const api = await StylesApi.start(PEOPLE);
      context.after(() => api.stop());
      const [source, target] = [await FaultProxy.start(context, api.url), await FaultProxy.start(context, api.url)];
      for (const { proxy } of [source, target]) proxy.faultOf = FAULTS[fault] ?? assert.fail();
      const name = `s${index}`;
      const styles = { source: source.url, target: target.url, paging: PAGINGS[paging] ?? '', write: WRITES[write] ?? '' };
      for (const [file, text] of Object.entries(stylesProject(name, styles))) project.write(file, text);
      const { code, stdout, stderr } = await project.cli('run', name, '--yes');
      assert.equal(code, 0, stdout + stderr);
      assert.match(stdout, /books\s+closed/);
      assert.ok(source.proxy.connections + target.proxy.connections >= 2);
      assertEqual(api);
    });
  }
});

/** The target is what the mapping says of the source: nothing lost, nothing twice, nothing else. */
function assertEqual(api: StylesApi): void {
  const found = [...api.contacts].map(([email, made]) => [email, made.map(({ name }) => name)]).toSorted();
  const wanted = api.people.map(({ mail, name }) => [mail, [name]]).toSorted();
  assert.deepEqual(found, wanted);
}
