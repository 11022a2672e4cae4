import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Project } from '../support/project.ts';
import { SmallApi, smallProject } from '../support/small-api.ts';

test('a worker that gives out slots by resource use runs syncs also above its targets, two readers at a time', async (context) => {
  const api = await SmallApi.start(120);
  context.after(() => api.stop());
  let reading = 0;
  let readingAtMost = 0;
  api.admit = async ({ url }) => {
    if (url?.startsWith('/people') !== true) return undefined;
    readingAtMost = Math.max(readingAtMost, ++reading);
    await sleep(300);
    reading -= 1;
    return undefined;
  };
  const files = smallProject(api.url);
  const others = ['two', 'three', 'four'].map((name) => [`syncs/${name}.yaml`, files['syncs/people.yaml'] ?? ''] as const);
  const settings = { SYNCLINE_SLOTS: 'auto', SYNCLINE_TARGET_MEMORY_PERCENT: '1' };
  const project = await Project.create({ ...files, ...Object.fromEntries(others) }, settings);
  context.after(() => project.stop());
  await project.startWorker();
  const { code, stdout, stderr } = await project.cli('run', '--all', '--yes');
  assert.equal(code, 0, stdout + stderr);
  assert.equal(api.contacts.size, 120);
  assert.equal(readingAtMost, 2);
});
