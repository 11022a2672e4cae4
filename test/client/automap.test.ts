import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { json, serve } from '../http/local-server.ts';
import { Terminal } from '../support/terminal.ts';
import { TestProject } from './test-project.ts';

const MAIN = fileURLToPath(new URL('../../client/main.ts', import.meta.url));
const SYNC = `# sales wants these
source: { connection: crm, object: contacts }
target: { connection: hubspot, object: contacts, matchOn: email }
mapping:
  email: { from: mail, type: email }   # the key
# nothing below
`;
const property = (name: string, label: string, more: object = {}) => ({ name, label, type: 'string', fieldType: 'text', options: [], ...more });
const PROPERTIES = {
  results: [
    property('email', 'Email'),
    property('firstname', 'First Name'),
    property('lastname', 'Last Name'),
    property('zip', 'Postal Code'),
    property('city', 'City'),
    property('stage', 'Stage', { type: 'enumeration', fieldType: 'select', options: [{ value: 'LEAD' }, { value: 'WON' }, { value: 'LOST' }] }),
    property('nickname', 'Nickname'),
    property('createdate', 'Create Date', { modificationMetadata: { readOnlyValue: true } }),
  ],
};
const RECORDS = {
  data: [
    {
      id: 1,
      mail: 'ann@example.test',
      given_name: 'Ann',
      surname: 'Archer',
      address: { postcode: '89073' },
      phase: 'won',
      pet: 'cat',
      default_billing_city: 'Ulm',
      default_mailing_city: 'Ulm',
    },
    { id: 2, mail: 'bob@example.test', given_name: 'Bob', surname: 'Baker', address: { postcode: '75001' }, phase: 'lead', pet: 'dog' },
    { id: 3, mail: 'cleo@example.test', given_name: 'Cleo', surname: 'Curtis', address: { postcode: '10115' }, phase: 'lost', pet: 'cat' },
  ],
};

async function start(context: TestContext): Promise<{ readonly project: TestProject; readonly env: Record<string, string>; readonly file: () => string }> {
  const server = await serve(context, ({ url }, response) => json(response, url.startsWith('/crm/v3/properties/contacts') ? PROPERTIES : RECORDS));
  const project = new TestProject({ 'syncs/contacts-to-hubspot.yaml': SYNC });
  context.after(() => project.remove());
  const file = () => readFileSync(join(project.directory, 'syncs/contacts-to-hubspot.yaml'), 'utf8');
  return { project, env: { CRM_URL: server.url, HUBSPOT_URL: server.url }, file };
}

it('proposes for what is not mapped yet, with confidence and reason, and changes nothing', async (context) => {
  const { project, env, file } = await start(context);
  const { code, stdout, stderr } = await project.cli(['automap', 'contacts-to-hubspot'], env);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^TARGET FIELD +FROM +WITH +CONFIDENCE +BECAUSE\n/);
  assert.match(stdout, /^firstname +given_name +0\.9\d +both mean the first name$/m);
  assert.match(stdout, /^zip +address\.postcode +0\.9\d +both mean the postal code$/m);
  assert.match(stdout, /^stage +phase +3 values +0\.8\d? +its values are among those of the target$/m);
  assert.match(stdout, /^city +default_\w+_city +0\.78 +both mean the city; default_\w+_city would do as well$/m);
  assert.doesNotMatch(stdout, /email|createdate|nickname|Archer/);
  assert.match(stderr, /To add them: syncline automap contacts-to-hubspot --write/);
  assert.equal(file(), SYNC);
});

it('--write --yes adds what is sure enough; the rest of the file stays as it is, and the result passes check --live', async (context) => {
  const { project, env, file } = await start(context);
  const refused = await project.cli(['automap', 'contacts-to-hubspot', '--write'], env);
  assert.deepEqual([refused.code, /Pass --yes/.test(refused.stderr), file()], [2, true, SYNC]);
  const words = ['automap', 'contacts-to-hubspot', '--write', '--yes', '--min-confidence', '0.9', '--json'];
  const document = JSON.parse((await project.cli(words, env)).stdout);
  assert.deepEqual(document.written.toSorted(), ['firstname', 'lastname', 'zip']);
  const added = file().slice(SYNC.indexOf('# nothing below'), -'# nothing below\n'.length);
  assert.equal(file(), SYNC.replace('# nothing below\n', `${added}# nothing below\n`));
  assert.deepEqual(added.trimEnd().split('\n').toSorted(), ['  firstname: given_name', '  lastname: surname', '  zip: address.postcode']);
  const live = await project.cli(['check', '--live'], env);
  assert.equal(live.code, 0, live.stdout);
});

it('a sync with nothing mapped yet is no hindrance; an unknown one is told of', async (context) => {
  const { project, env, file } = await start(context);
  project.write('syncs/contacts-to-hubspot.yaml', SYNC.replace(/mapping:[\s\S]*/, 'mapping:\n'));
  const { code, stderr } = await project.cli(['automap', 'contacts-to-hubspot', '--write', '--yes'], env);
  assert.equal(code, 0, stderr);
  assert.match(file(), /mapping:\n {2}\w+: .*\n/);
  assert.match(file(), / {2}email: \{ from: mail, transform: \[ trim, lowercase \], type: email \}\n/);
  assert.match(file(), / {2}stage: \{ from: phase, values: \{ won: WON, lead: LEAD, lost: LOST \} \}\n/);
  assert.doesNotMatch(file(), /city/, 'nobody can be sure of it');
  assert.equal((await project.cli(['check'], env)).code, 0);
  assert.equal((await project.cli(['automap', 'contacts-to-hubspt'], env)).code, 2);
});

it('in a terminal a person unticks what is wrong, and chooses further fields from those that are known', async (context) => {
  const { project, env, file } = await start(context);
  const terminal = await Terminal.start([process.execPath, MAIN, 'automap', 'contacts-to-hubspot', '--write'], {
    cwd: project.directory,
    env: { ...process.env, ...env, NO_COLOR: '1' },
    rows: 40,
    columns: 120,
  });
  context.after(() => terminal.stop());
  await terminal.until('the proposals', () => terminal.said.includes('stage from phase'));
  terminal.press('\u001b[A\u001b[B\u001b[B\u001b[B \r');
  await terminal.until('the question for more', () => terminal.said.includes('Another field of the target?'));
  terminal.press('nick');
  await terminal.until('what fits', () => terminal.said.includes('❯ nickname'));
  terminal.press('\r');
  await terminal.until('the question for its source', () => terminal.said.includes('From which field does nickname get its values?'));
  terminal.press('pet');
  await terminal.until('what fits', () => terminal.said.includes('❯ pet'));
  terminal.press('\r');
  const answered = () => terminal.said.split('✔ From which field').at(1);
  await terminal.until('the first question again', () => answered()?.includes('❯ no, that is all') === true);
  terminal.press('\r');
  assert.equal(await terminal.ended(), 0, terminal.said);
  assert.match(file(), /^ {2}nickname: pet$/m);
  assert.match(file(), /^ {2}firstname: given_name$/m);
  assert.doesNotMatch(file(), /phase|city/);
});
