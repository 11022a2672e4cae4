import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { runCommandLine } from '../support/command-line.ts';
import { DESK_TOKEN, serveDesk } from '../support/desk.ts';

function makeProject(context: TestContext, files: Readonly<Record<string, string>>) {
  const directory = mkdtempSync(join(tmpdir(), 'syncline-probe-'));
  context.after(() => rmSync(directory, { recursive: true, force: true }));
  for (const folder of ['connections', 'connectors']) mkdirSync(join(directory, folder));
  for (const [file, text] of Object.entries({ 'syncline.yaml': 'name: acme\ndefaultProfile: dev\n', '.env': `DESK_TOKEN=${DESK_TOKEN}\n`, ...files })) {
    writeFileSync(join(directory, file), text);
  }
  return {
    write: (name: string, text: string) => writeFileSync(join(directory, name), text),
    file: (name: string) => readFileSync(join(directory, name), 'utf8'),
    cli: (...words: string[]) => runCommandLine(words, { directory, env: { NO_COLOR: '1' } }),
  };
}

const CONNECTION = 'connector: desk\nprofiles: { dev: {} }\n';
const connector = (url: string) => `# written in a hurry
baseUrl: ${url}/v1
auth: { type: bearer, token: "\${secret:DESK_TOKEN}" }
objects:
  tickets: # all of them
    primaryKey: number # guessed: the API was not asked – review
    list:
      get: /tickets
      records: $ # guessed: the API was not asked – review
      page: { type: none } # guessed: the API was not asked – review
`;

describe('connector probe', () => {
  it('fills in records, key, paging, limits and the shape of errors from what an account answers, and nothing else in the file', async (context) => {
    const lost = { status: 404, body: { fault: { info: { text: 'There is no such thing' } } } };
    const headers = { 'RateLimit-Policy': '"burst";q=20;w=1', 'X-RateLimit-Limit-Day': '5000' };
    const desk = await serveDesk(context, { tickets: 100, headers, lost, hasEtags: true });
    const project = makeProject(context, { 'connectors/desk.yaml': connector(desk.url), 'connections/desk.yaml': CONNECTION });
    const shown = await project.cli('connector', 'probe', 'desk');
    assert.equal(shown.code, 0, shown.stderr);
    assert.match(shown.stdout, /! records {5}"\$" finds no list of records; the answer has: data, meta\n/);
    assert.match(shown.stdout, /! paging {6}"none" leads to no second page, but "cursor" does\n/);
    assert.match(shown.stdout, /✓ limits {6}announced: 20 in 1s, 5000 in 1d\n/);
    assert.match(shown.stdout, /! errors {6}what does not exist is answered with 404; its message stands at body\.fault\.info\.text\n/);
    assert.match(shown.stdout, /✓ versions {4}ETag is honoured/);
    assert.match(
      shown.stdout,
      / {2}- {7}page: \{ type: none \} # guessed.*\n {2}\+ {7}page: \{ type: cursor, cursor: meta\.next_cursor, param: cursor \} # probed: /,
    );
    assert.equal(project.file('connectors/desk.yaml'), connector(desk.url), 'nothing is written without being asked');
    const written = await project.cli('connector', 'probe', 'desk', '--yes');
    assert.equal(written.code, 0, written.stderr);
    assert.equal(
      project.file('connectors/desk.yaml').replaceAll(/ # probed: .*/g, ''),
      `# written in a hurry
baseUrl: ${desk.url}/v1
auth: { type: bearer, token: "\${secret:DESK_TOKEN}" }
objects:
  tickets: # all of them
    primaryKey: id
    list:
      get: /tickets
      records: data
      page: { type: cursor, cursor: meta.next_cursor, param: cursor }
limits: { requests: [{ count: 20, per: 1s }, { count: 5000, per: 1d }] }
errors: [{ when: "status in [400, 409, 422] and $exists(body.fault.info.text)", outcome: reject-request, message: body.fault.info.text }]
`,
    );
    const again = await project.cli('connector', 'probe', 'desk', '--json');
    const report: { readonly proposals: readonly unknown[]; readonly findings: readonly { readonly subject: string; readonly said: string }[] } = JSON.parse(
      again.stdout,
    );
    assert.deepEqual(report.proposals, []);
    assert.equal(report.findings.find(({ subject }) => subject === 'paging')?.said, 'the second page by "cursor" has other records');
    assert.doesNotMatch(shown.stdout + written.stdout + again.stdout, /4711|Ticket 1/);
    assert.equal((await project.cli('check')).code, 0);
  });

  it('knows errors that come as a success, and says what it cannot know', async (context) => {
    const desk = await serveDesk(context, { tickets: 3, lost: { status: 200, body: { success: false, info: { msg: 'no' } } } });
    const good = connector(desk.url).replace('number', 'id').replace('records: $', 'records: data');
    const project = makeProject(context, { 'connectors/desk.yaml': good, 'connections/desk.yaml': CONNECTION });
    const { stdout } = await project.cli('connector', 'probe', 'desk', '--yes');
    assert.match(stdout, /✓ limits {6}no header tells of any/);
    assert.match(
      project.file('connectors/desk.yaml'),
      /errors: \[\{ when: status = 200 and body\.success = false, outcome: reject-request, message: body\.info\.msg \}\]/,
    );
    assert.match(stdout, /✓ versions {4}pages have neither ETag nor Last-Modified/);
  });

  it('asks for a second page as a template inserts the cursor', async (context) => {
    const desk = await serveDesk(context, { tickets: 100 });
    const page = 'page: { type: cursor, cursor: meta.next_cursor, param: after }';
    const list = `get: "/tickets?cursor={cursor ? cursor : '0'}", records: data, ${page}`;
    const text = `connector: generic-rest\nshared: true\nbaseUrl: ${desk.url}/v1\nauth: { type: bearer, token: "\${secret:DESK_TOKEN}" }\nobjects: { tickets: { list: { ${list} } } }\n`;
    const project = makeProject(context, { 'connections/desk.yaml': text });
    const { stdout } = await project.cli('connector', 'probe', 'desk', '--yes');
    assert.match(stdout, /✓ paging {6}the second page by "cursor" has other records\n/);
    assert.equal(project.file('connections/desk.yaml'), text);
  });

  it('with --write sends a good and a bad record, and leaves nothing behind', async (context) => {
    const desk = await serveDesk(context, { tickets: 3 });
    const good = `${connector(desk.url).replace('number', 'id').replace('records: $', 'records: data')}    get: { get: "/tickets/{id}" }\n    create: { post: /tickets }\n`;
    const project = makeProject(context, { 'connectors/desk.yaml': good, 'connections/desk.yaml': CONNECTION.replace('dev: {}', 'dev: {}, production: {}') });
    const withoutDelete = await project.cli('connector', 'probe', 'desk', '--write', '--yes');
    assert.match(withoutDelete.stderr, /desk\.tickets is not written to: it has no "delete"/);
    project.write('connectors/desk.yaml', `${good}    delete: { delete: "/tickets/{id}" }\n`);
    assert.match(
      (await project.cli('connector', 'probe', 'desk', '--write', '--yes', '--profile', 'production')).stderr,
      /The profile production is production/,
    );
    assert.match((await project.cli('connector', 'probe', 'desk', '--write')).stderr, /Pass --yes to do it without a terminal/);
    assert.match((await project.cli('connector', 'probe', 'desk', '--write', '--record', '[1]')).stderr, /--record: expected a JSON object/);
    assert.deepEqual(
      desk.asked.filter((asked) => !asked.startsWith('GET')),
      [],
    );
    const { code, stdout, stderr } = await project.cli('connector', 'probe', 'desk', '--write', '--yes');
    assert.equal(code, 0, stderr);
    assert.match(
      stdout,
      /✓ good record is written, and the answer tells its id\n✓ bad record {2}is refused: subject must be a text\n✓ cleaning up record 4 was deleted, and is not found any more\n/,
    );
    assert.deepEqual(
      desk.asked.filter((asked) => !asked.startsWith('GET')),
      ['POST /v1/tickets', 'POST /v1/tickets', 'DELETE /v1/tickets/4'],
    );
    assert.deepEqual([...desk.tickets.keys()], [1, 2, 3]);
    assert.match((await project.cli('audit')).stdout, /connector\.probed/);
  });

  it('fills in an object that its connection describes, and leaves to its reader what has no place there', async (context) => {
    const lost = { status: 404, body: { fault: { info: { text: 'no' } } } };
    const desk = await serveDesk(context, { tickets: 90, headers: { 'Api-Quota-Left': '7' }, lost });
    const own = (page: string, limits: string) =>
      `connector: generic-rest\nshared: true\nbaseUrl: ${desk.url}/v1\nauth: { type: bearer, token: "\${secret:DESK_TOKEN}" }\nobjects: { tickets: { list: { get: /tickets, records: data${page} } } } # ours\n${limits}`;
    const project = makeProject(context, { 'connections/desk.yaml': own('', '') });
    const { code, stdout, stderr } = await project.cli('connector', 'probe', 'desk', '--yes');
    assert.equal(code, 0, stderr);
    assert.match(stdout, /To be written by hand, into a connector of your own:\n {2}errors: \[\{ when: /);
    const changed = own(
      ', page: { type: cursor, cursor: meta.next_cursor, param: cursor }',
      'limits: { headers: { remaining: api-quota-left } } # probed: answers have these headers\n',
    );
    assert.equal(project.file('connections/desk.yaml'), changed);
    assert.equal((await project.cli('check')).code, 0);
  });

  it('changes no connection of a connector that ships, and asks nothing of what is not there', async (context) => {
    const desk = await serveDesk(context, { tickets: 3 });
    const own = `connector: generic-rest\nshared: true\nbaseUrl: ${desk.url}/v2\nauth: { type: bearer, token: "\${secret:DESK_TOKEN}" }\nobjects: { tickets: { list: { get: /tickets, records: data } }, notes: {} }\n`;
    const project = makeProject(context, { 'connections/desk.yaml': own });
    const lost = await project.cli('connector', 'probe', 'desk');
    assert.equal(lost.code, 1);
    assert.match(lost.stderr, /desk\.tickets\.list answers 404: No such page\. Check baseUrl and the path of the list\./);
    assert.match((await project.cli('connector', 'probe', 'dsk')).stderr, /has no connection "dsk" \(did you mean "desk"\?\)/);
    assert.match((await project.cli('connector', 'probe', 'desk', '--object', 'notes')).stderr, /has no object "notes" that can be listed/);
  });
});
