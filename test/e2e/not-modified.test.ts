import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { z } from 'zod';
import { Project } from '../support/project.ts';
import { SmallApi, smallProject } from '../support/small-api.ts';

const PEOPLE = 500;
/** Ten of fifty, and one that is empty. */
const PAGES = 11;
/** They fill 99 pages, and one is empty. */
const MANY_PEOPLE = 4_950;
const MANY_PAGES = 100;

const reportSchema = z.object({
  requests: z.object({ writes: z.number(), others: z.number() }),
  slots: z.array(z.object({ settled: z.record(z.string(), z.number()) })),
});

async function begin(context: TestContext, versions: SmallApi['versions'], people = PEOPLE) {
  const api = await SmallApi.start(people);
  api.versions = versions;
  const project = await Project.create(smallProject(api.url));
  context.after(async () => {
    await project.stop();
    await api.stop();
  });
  await project.startWorker();
  const run = async (...args: string[]) => {
    api.notModified = 0;
    const { code, stdout, stderr } = await project.cli('run', 'people', '--yes', ...args);
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, /books\s+closed/);
    return stdout + stderr;
  };
  await run();
  assert.equal(api.contacts.size, people);
  return { api, project, run };
}

describe('a page that the source says is as it was', { concurrency: 3 }, () => {
  it('is not read again, by its ETag: a hundred pages cost a hundred answers 304, their records are unchanged, and nothing is written', async (context) => {
    const { api, project, run } = await begin(context, 'etag', MANY_PEOPLE);
    const [writes, asked] = [api.answered(200), api.pagesRead];
    assert.match(await run(), /unchanged\s+4,950\b/);
    assert.deepEqual(
      [api.notModified, api.pagesRead - asked, api.answered(200)],
      [MANY_PAGES, MANY_PAGES, writes],
      '100 answers, each of them 304, and no write',
    );
    const { stdout } = await project.cli('report', 'last', '--json');
    const { slots, requests } = reportSchema.parse(JSON.parse(stdout));
    assert.deepEqual(
      [requests, slots.every(({ settled: { unchanged, ...others } }) => Object.values(others).every((count) => count === 0))],
      [{ writes: 0, others: MANY_PAGES }, true],
    );
    api.change(77, 'Renamed', 5);
    assert.match(await run(), /unchanged\s+4,949\b/);
    assert.deepEqual([api.notModified, api.contacts.get('p77@example.test')?.name], [MANY_PAGES - 1, 'Renamed']);
    await run();
    assert.equal(api.notModified, MANY_PAGES, 'the page that was read is remembered, too');
  });

  it('is not read again, by the time of its last change', async (context) => {
    const { api, run } = await begin(context, 'last-modified');
    await run();
    assert.equal(api.notModified, PAGES);
    api.change(77, 'Renamed', 5);
    await run();
    assert.deepEqual([api.notModified, api.contacts.get('p77@example.test')?.name], [PAGES - 1, 'Renamed']);
  });

  it('is read where something else may change what becomes of its records', async (context) => {
    const { api, project, run } = await begin(context, 'etag');
    assert.equal((await project.cli('resync', 'people', '--key', '77', '--yes')).code, 0);
    await run();
    assert.equal(api.notModified, PAGES, 'what was sent again is as it was told');
    await run('--full');
    assert.equal(api.notModified, 0, 'asked for everything');
    project.edit('syncs/people.yaml', (text) => text.replace('  name: name', `  name: { expression: "name & '!'" }`));
    await run();
    assert.deepEqual([api.notModified, api.contacts.get('p1@example.test')?.name], [0, 'Person 1!']);
    api.refuseRecord = ({ name }) => (name?.startsWith('Bad') === true ? { status: 422, message: 'no' } : undefined);
    api.change(120, 'Bad', 5);
    await run();
    await run();
    assert.equal(api.notModified, PAGES - 1, 'the page with a record that was refused');
  });
});
