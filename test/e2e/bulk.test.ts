import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { Program } from '../../scripts/demo/programs.ts';
import { SalesforceOrg } from '../connectors/salesforce/org.ts';
import { Sandbox } from '../sandbox/sandbox.ts';
import { Project } from '../support/project.ts';

const IS_LONG = process.env['SYNCLINE_TEST_LONG'] === '1';
const RECORDS = IS_LONG ? 100_000 : 5_000;
/** Each costs the start of a worker; test/crash/job-mechanisms.test.ts has them all, and those between them. */
const KILLS = ['begun, its answer lost', ...(IS_LONG ? ['made, not filled', 'half of its results fetched'] : [])];
/** One in so many has an e-mail address that the org refuses. */
const REFUSED_EVERY = 100;

const people = (count: number) =>
  Array.from({ length: count }, (_, n) =>
    JSON.stringify({ id: `P-${n}`, surname: `Person "${n}", née Müller`, mail: n % REFUSED_EVERY === 7 ? `nobody-${n}` : `p${n}@x.test` }),
  );

function project(url: string): Readonly<Record<string, string>> {
  return {
    'people.ndjson': `${people(RECORDS).join('\n')}\n`,
    'connections/inbox.yaml': 'connector: files\nshared: true\nobjects:\n  people: { file: { path: people.ndjson, key: id } }\n',
    'connections/salesforce.yaml': `
connector: salesforce
shared: true
baseUrl: ${url}
auth: { type: oauth2-client-credentials, tokenUrl: ${url}/services/oauth2/token, clientId: syncline, clientSecret: "\${secret:SALESFORCE_SECRET}" }
`,
    'syncs/people.yaml': `
source: { connection: inbox, object: people }
target: { connection: salesforce, object: Contact, matchOn: External_Id__c }
mapping: { External_Id__c: id, LastName: surname, Email: mail }
`,
  };
}

async function started(context: TestContext) {
  const org = await SalesforceOrg.start(context);
  const at = await Project.create(project(org.url), { SALESFORCE_SECRET: 'of-the-org' });
  context.after(() => at.stop());
  return { org, project: at };
}

describe('a bulk job', () => {
  it(`of ${RECORDS} records with 1 % refused, its worker killed in the middle, accounts for each: none lost, none doubled`, async (context) => {
    const { org, project } = await started(context);
    let worker: Program = await project.startWorker();
    const killed = new Set<string>();
    const killAt = async (point: string) => {
      killed.add(point);
      worker.child.kill('SIGKILL');
      worker = await project.startWorker();
    };
    org.admit = ({ method, url, body }) => {
      const [, id = '', what = ''] = /\/jobs\/ingest\/(\w+)\/?(\w*)/.exec(url) ?? [];
      const isClose = method === 'PATCH' && body.includes('UploadComplete');
      const point = method === 'PUT' ? 'made, not filled' : isClose ? 'begun, its answer lost' : what === 'failedResults' ? 'half of its results fetched' : '';
      if (!KILLS.includes(point) || killed.has(point)) return undefined;
      if (isClose) org.jobs.change(id, 'UploadComplete');
      void killAt(point);
      return 'lost';
    };
    const began = performance.now();
    const { code, stdout, stderr } = await project.cli('run', 'people', '--yes');
    context.diagnostic(`${RECORDS} records in ${Math.round(performance.now() - began)} ms, ${org.jobs.jobs.size} jobs, ${org.calls} requests`);
    assert.equal(code, 0, stdout + stderr);
    assert.deepEqual(killed, new Set(KILLS));
    const refused = RECORDS / REFUSED_EVERY;
    assert.match(stdout, new RegExp(`created\\s+${(RECORDS - refused).toLocaleString('en')}\\b`), stdout);
    assert.match(stdout, new RegExp(`rejected\\s+${refused.toLocaleString('en')}\\b`), stdout);
    assert.equal(org.records.created.size, RECORDS - refused);
    assert.equal(org.records.writes, RECORDS - refused, 'each was written once');
    assert.equal([...org.jobs.jobs.values()].filter(({ state }) => state === 'Open').length, 0, 'the job that was not begun was given up');
    const errors = await project.cli('errors', 'people');
    assert.match(errors.stdout, /INVALID_EMAIL_ADDRESS/);
    assert.match(errors.stdout, /Correct the e-mail address in the source/);
  });
});

/** Few more than HubSpot's own batches are for. */
const IMPORTED = 2_060;
const CLEARED = 40;

if (IS_LONG)
  describe('an import', () => {
    it('is made where a sync asks for it; what it cannot clear goes by requests; all are known by their ids', async (context) => {
      const sandbox = await Sandbox.start('--contacts', '1');
      const lines = Array.from({ length: IMPORTED }, (_, n) => ({ id: n, mail: n === 9 ? 'nobody' : `p${n}@x.test`, phone: n < CLEARED ? null : `+4144${n}` }));
      const at = await Project.create(
        {
          'people.ndjson': `${lines.map((line) => JSON.stringify(line)).join('\n')}\n`,
          'connections/inbox.yaml': 'connector: files\nshared: true\nobjects:\n  people: { file: { path: people.ndjson, key: id } }\n',
          'connections/hubspot.yaml': `
connector: hubspot
shared: true
baseUrl: ${sandbox.hubspotUrl}
auth: { type: bearer, token: "\${secret:HUBSPOT_TOKEN}" }
limits: { requests: [{ count: 10000, per: 1s }] }
`,
          'syncs/people.yaml': `
source: { connection: inbox, object: people }
target: { connection: hubspot, object: contacts, matchOn: email, bulk: true }
mapping: { email: mail, phone: phone }
`,
        },
        { HUBSPOT_TOKEN: 'hubspot-dev-token' },
      );
      context.after(async () => {
        await at.stop();
        await sandbox.stop();
      });
      await at.startWorker();
      const { code, stdout, stderr } = await at.cli('run', 'people', '--yes');
      assert.equal(code, 0, stdout + stderr);
      assert.match(stdout, /rejected\s+1\b/, stdout);
      const { body: state } = await sandbox.hubspot('/_sandbox/state');
      const { endpoints, counts } = state;
      assert.deepEqual([counts.contacts, endpoints['POST /crm/v3/imports'], endpoints['POST /crm/v3/objects/contacts/batch/upsert']], [IMPORTED - 1, 1, 1]);
      const { stdout: story } = await at.cli('records', 'people', '--key', '2000', '--json');
      assert.match(story, /"targetId": "\d{6}"/, story);
    });
  });
