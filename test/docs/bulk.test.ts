import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { it, type TestContext } from 'node:test';
import { z } from 'zod';
import { SalesforceOrg } from '../connectors/salesforce/org.ts';
import { json, serve } from '../http/local-server.ts';
import { Project } from '../support/project.ts';

/** The files that docs/bulk.md shows, by the name in their first line. */
const FILES = Object.fromEntries(
  [...readFileSync(new URL('../../docs/bulk.md', import.meta.url), 'utf8').matchAll(/```yaml\n# (\S+)\n([\s\S]*?)```/g)].map(([, file = '', text = '']) => [
    file,
    text,
  ]),
);
const importSchema = z.object({ rows: z.array(z.object({ ref: z.string(), email: z.string(), name: z.string() })) });
const CONTACTS = 2_500;

/** An importer as the page describes one: it refuses who is called Nobody. */
async function importer(context: TestContext) {
  const imports: z.output<typeof importSchema>['rows'][] = [];
  const looks = new Map<number, number>();
  const { url } = await serve(context, ({ method, url: path, body }, response) => {
    const [, , , id = '', what] = path.split('/');
    if (method === 'POST') return json(response, { import: { id: imports.push(importSchema.parse(JSON.parse(body)).rows) } });
    const rows = imports[Number(id) - 1] ?? [];
    if (what === 'rows')
      return json(response, { rows: rows.map(({ ref, email, name }) => (name === 'Nobody' ? { ref, status: 422, error: 'nobody' } : { ref, id: email })) });
    looks.set(Number(id), (looks.get(Number(id)) ?? 0) + 1);
    return json(response, { import: { id, state: (looks.get(Number(id)) ?? 0) > 1 ? 'finished' : 'working' } });
  });
  return { url, imports };
}

it('the examples of docs/bulk.md run: an export is read, and written by a job', async (context) => {
  const org = await SalesforceOrg.start(context);
  const mailing = await importer(context);
  const type = org.records.typeOf('Contact');
  assert.ok(type);
  for (let n = 0; n < CONTACTS; n++) org.records.create(type, { LastName: n === 7 ? 'Nobody' : `P ${n}`, Email: `p${n}@x.test`, External_Id__c: `x${n}` });
  const files = Object.fromEntries(
    Object.entries(FILES).map(([file, text]) => [
      file,
      text.replaceAll('https://acme.my.salesforce.com', org.url).replaceAll('https://mailing.acme.test', mailing.url),
    ]),
  );
  assert.deepEqual(Object.keys(files), ['connections/salesforce.yaml', 'connections/mailing.yaml', 'syncs/contacts-to-mailing.yaml']);
  const secrets = { SALESFORCE_CLIENT_ID: 'syncline', SALESFORCE_CLIENT_SECRET: 'a', MAILING_TOKEN: 'b' };
  const project = await Project.create(files, secrets);
  context.after(() => project.stop());

  const checked = await project.cli('check');
  assert.equal(checked.code, 0, checked.stdout + checked.stderr);
  await project.startWorker();
  // Larger sets of results than this the org does not give, whatever is asked for.
  org.exports.maxRecords = 1_000;
  const { code, stdout, stderr } = await project.cli('run', 'contacts-to-mailing', '--yes');
  assert.equal(code, 0, stdout + stderr);
  assert.match(stdout, /written\s+2,499\b|created\s+2,499\b/, stdout);
  assert.match(stdout, /rejected\s+1\b/, stdout);
  assert.deepEqual([org.exports.jobs.size, org.exports.downloads], [1, 3]);
  const sent = mailing.imports.flat().map(({ email }) => email);
  assert.deepEqual([sent.length, new Set(sent).size], [CONTACTS, CONTACTS]);
  assert.deepEqual(
    mailing.imports.map((rows) => rows.length),
    [CONTACTS],
  );
});
