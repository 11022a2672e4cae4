import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Project } from '../support/project.ts';
import { SmallApi, smallProject } from '../support/small-api.ts';

it('a record that refers to what another sync has not written is held, and sent once that is there', async (context) => {
  const api = await SmallApi.start(30);
  const files = smallProject(api.url, { source: '  incremental: { cursorField: updated_at }' });
  const notes = (files['syncs/people.yaml'] ?? '')
    .replace('object: contacts', 'object: notes')
    .replace('  name: name', '  name: name\n  contact: { ref: { sync: people, from: $string(id) } }');
  const project = await Project.create({ ...files, 'syncs/notes.yaml': notes });
  context.after(async () => {
    await project.stop();
    await api.stop();
  });
  await project.startWorker();
  const run = async (sync: string) => {
    const { stdout, stderr } = await project.cli('run', sync, '--yes');
    return stdout + stderr;
  };
  const early = await run('notes');
  assert.match(early, /held\s+30\b/, early);
  assert.equal(api.notes.size, 0);
  assert.match((await project.cli('errors', 'notes')).stdout, /people has not written the record/);
  api.refuseRecord = (contact) => (contact.email === 'p9@example.test' ? { status: 422, message: 'no such name' } : undefined);
  await run('people');
  api.refuseRecord = () => undefined;
  const late = await run('notes');
  assert.match(late, /tried again\s+30\b/, late);
  assert.match(late, /held\s+1\b/);
  assert.equal(api.notes.size, 29);
  assert.equal(api.notes.get('p4@example.test')?.['contact'], 'p4@example.test');
});
