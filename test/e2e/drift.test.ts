import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { Project } from '../support/project.ts';
import { type Person, SmallApi, smallProject } from '../support/small-api.ts';

const MAPPING = `
  phone: phone
  full: { expression: "name & ' ' & phone" }
  kind: { from: kind, default: none }
`;

const shownAs = (more: (person: Person) => object) => (person: Person) => ({ ...person, ...more(person) });
const WHOLE = shownAs(({ id }) => ({ phone: `+1 ${id}`, kind: 'lead', unused: true }));
const NO_PHONE = shownAs(() => ({ kind: 'lead', unused: true }));

interface Setting {
  readonly drift: 'stop' | 'warn' | 'ignore';
  readonly people?: number;
  readonly source?: string;
  readonly more?: string;
}

/** People with a phone, run once. */
async function begin(context: TestContext, { drift, people = 60, source = '', more = '' }: Setting) {
  const api = await SmallApi.start(people);
  const project = await Project.create(smallProject(api.url, { source, sync: `${MAPPING.slice(1)}drift: ${drift}\n${more}` }));
  context.after(async () => {
    await project.stop();
    await api.stop();
  });
  api.shown = WHOLE;
  await project.startWorker();
  const run = async (...flags: readonly string[]) => {
    const { code, stdout, stderr } = await project.cli('run', 'people', '--yes', ...flags);
    return { code, text: (stdout + stderr).replaceAll(/\s+/g, ' ') };
  };
  const first = await run();
  assert.equal(first.code, 0, first.text);
  return { api, project, run };
}

describe('a field that vanishes from the source', { concurrency: true }, () => {
  it('with drift: stop ends the run before anything is written, until it is accepted', async (context) => {
    const { api, project, run } = await begin(context, { drift: 'stop' });
    const writes = api.answered(200);
    api.shown = NO_PHONE;
    api.change(7, 'Renamed', 5);
    const stopped = await run();
    assert.equal(stopped.code, 1, stopped.text);
    assert.match(stopped.text, /phone has vanished: all of 60 records had it, now none of 60 \(used by mapping\.phone, mapping\.full\)/);
    assert.match(stopped.text, /Nothing has been written/);
    assert.match(stopped.text, /run people --accept-drift/);
    assert.equal(api.answered(200), writes);
    assert.match((await project.cli('status')).stdout, /people: changed at the source: phone/);
    assert.equal((await run()).code, 1, 'the next run finds it, too');
    const accepted = await run('--accept-drift');
    assert.equal(accepted.code, 0, accepted.text);
    assert.match(accepted.text, /Accepted: phone has vanished/);
    assert.equal(api.contacts.get('p7@example.test')?.name, 'Renamed');
    assert.equal((await run()).code, 0);
  });

  it('with drift: warn is told by the run, its list and the status, and blanks nothing in the target', async (context) => {
    const { api, project, run } = await begin(context, { drift: 'warn' });
    api.shown = NO_PHONE;
    api.change(7, 'Renamed', 5);
    const warned = await run();
    assert.equal(warned.code, 4, warned.text);
    assert.match(warned.text, /At the source, phone has vanished/);
    assert.match((await project.cli('runs', 'people')).stdout, /completed, drift/);
    assert.match((await project.cli('status')).stdout, /changed at the source: phone/);
    assert.equal(api.contacts.get('p7@example.test')?.name, 'Renamed');
    for (const contact of api.contacts.values()) assert.ok(!('full' in contact) || /\+1/.test(String(contact['full'])), JSON.stringify(contact));
    const again = await run();
    assert.equal(again.code, 4, 'it is told until it is accepted, or there again');
    api.shown = WHOLE;
    const healed = await run();
    assert.equal(healed.code, 0, healed.text);
    assert.doesNotMatch((await project.cli('status')).stdout, /changed at the source/);
  });
});
