import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { loadProject } from '../../definition/load-project.ts';
import { changed, GOOD, linesOf, loadFiles, makeFolder } from './make-project.ts';

const SYNC = 'syncs/contacts.yaml';
const CRM = 'connections/crm.yaml';
const SHOP = 'connections/shop.yaml';
const API = 'connectors/shop.yaml';

type Case = readonly [name: string, file: string, from: string, to: string, ...lines: readonly string[]];

function suite(name: string, cases: readonly Case[]): void {
  describe(name, () => {
    for (const [title, file, from, to, ...lines] of cases) {
      it(title, (test) => assert.deepEqual(linesOf(loadFiles(test, changed({ [file]: [[from, to]] }))), lines));
    }
  });
}

suite('a sync beside its connections', [
  ['an unknown connection', SYNC, 'connection: crm', 'connection: erp', `${SYNC}:1:23 source.connection: unknown connection "erp": there are crm, shop`],
  [
    'a reference to a sync that is not there',
    SYNC,
    'name: first_name',
    'name: { ref: { sync: contact, from: owner_email } }',
    `${SYNC}:9:24 mapping.name.ref.sync: unknown sync "contact", did you mean "contacts"?`,
  ],
  ['an unknown object', SYNC, 'object: contacts', 'object: deals', `${SYNC}:1:36 source.object: connection crm has no object "deals": it has contacts`],
  [
    'a source that cannot be listed',
    API,
    'list: {',
    'get: {',
    `${API}:8:26 objects.owners.get: unknown key "records", did you mean "record"?`,
    `${SYNC}:5:39 lookups.owner.from.object: owners cannot be read: it has no \`list\``,
  ],
  [
    'a target that cannot be written',
    API,
    'upsert: {',
    'delete: {',
    `${SYNC}:2:37 target.object: people cannot be written in mode upsert: it needs \`upsert\`, or \`create\` and \`update\``,
  ],
  [
    'a target that is created blindly',
    API,
    'upsert: { put: "/people/{match}" }',
    'create: { post: /people }\n    update: { put: "/people/{id}" }',
    `${SYNC}:2:37 warning: target.object: people has no \`search\`: what is there already cannot be found, and would be created again`,
  ],
  [
    'a match field that is not mapped',
    SYNC,
    'matchOn: email',
    'matchOn: emial',
    `${SYNC}:2:54 target.matchOn: "emial" is not in the mapping, so no record could be matched, did you mean "email"?`,
  ],
  [
    'a match field that is not unique',
    SYNC,
    'matchOn: email',
    'matchOn: name',
    `${SYNC}:2:54 warning: target.matchOn: people can be matched on email; any other field must have been made unique in the account`,
  ],
  [
    'source and target are one',
    SYNC,
    '{ connection: crm, object: contacts }',
    '{ connection: shop, object: people }',
    `${SYNC}:1:37 source.object: people cannot be read: it has no \`list\``,
    `${SYNC}:2:37 warning: target.object: source and target are the same object: what is written would be read again`,
  ],
]);

it('an incremental read of a list that asks for no window is told', (test) => {
  const files = changed({
    [CRM]: [['      query: { updated_after: { value: "{window.from}", optional: true } }\n', '']],
    [SYNC]: [['object: contacts }', 'object: contacts, incremental: { cursorField: updated_at } }']],
  });
  assert.deepEqual(linesOf(loadFiles(test, files)), [
    `${SYNC}:1:46 warning: source.incremental: contacts is listed whole each time: nothing in its \`list\` inserts {window.from}`,
  ]);
});

suite('the mapping and its lookups', [
  [
    'a lookup that is not there',
    SYNC,
    'lookup: owner',
    'lookup: ownr',
    `${SYNC}:4:3 lookups.owner: nobody uses this lookup: map a field with "lookup: owner", or take it out`,
    `${SYNC}:10:20 mapping.owner.lookup: unknown lookup "ownr", did you mean "owner"?`,
  ],
  [
    'a source field that is not there',
    SYNC,
    'name: first_name',
    'name: firstname',
    `${SYNC}:9:9 mapping.name: unknown field "firstname", did you mean "first_name"?`,
  ],
  [
    'a source field in an expression',
    SYNC,
    'name: first_name',
    `name: { expression: "first_name & ' ' & lastt_name" }`,
    `${SYNC}:9:23 mapping.name.expression: unknown field "lastt_name"`,
  ],
  [
    'a field of the looked-up object',
    SYNC,
    'email: owner_email',
    'emial: owner_email',
    `${SYNC}:6:14 lookups.owner.where.emial: unknown field "emial", did you mean "email"?`,
  ],
  [
    'a field that a lookup compares with',
    SYNC,
    'email: owner_email',
    'email: ownr_email',
    `${SYNC}:6:21 lookups.owner.where.email: unknown field "ownr_email", did you mean "owner_email"?`,
  ],
  [
    'what a lookup returns',
    SYNC,
    '    where:',
    '    return: nmae\n    where:',
    `${SYNC}:6:13 lookups.owner.return: unknown field "nmae", did you mean "name"?`,
  ],
  [
    'settings without effect',
    SYNC,
    'name: first_name',
    'name: { from: first_name, country: US, onInvalid: omit }',
    `${SYNC}:9:29 warning: mapping.name.country: has no effect without "type: phone"`,
    `${SYNC}:9:42 warning: mapping.name.onInvalid: has no effect without a type`,
  ],
  [
    'values that the options refuse',
    SYNC,
    'name: first_name',
    'name: { from: first_name, type: enum, options: [customer, lead], values: { won: custmer } }',
    `${SYNC}:9:83 mapping.name.values.won: "custmer" is not one of the options: customer, lead, did you mean "customer"?`,
  ],
]);

suite('expressions and templates', [
  [
    'bad syntax in plain text stands at its character',
    SYNC,
    'name: first_name',
    'name: first_name &',
    `${SYNC}:9:21 mapping.name: Unexpected end of expression`,
  ],
  [
    'bad syntax in quotes too',
    SYNC,
    'name: first_name',
    "name: { expression: 'first_name & ) ' }",
    `${SYNC}:9:37 mapping.name.expression: The symbol ")" cannot be used as a unary operator`,
  ],
  [
    'in a text over several lines it stands at its beginning',
    SYNC,
    'name: first_name',
    'name:\n    expression: |\n      first_name &',
    `${SYNC}:10:17 mapping.name.expression: Unexpected end of expression`,
  ],
  [
    'functions that differ each time',
    SYNC,
    'name: first_name',
    'name: { expression: $random() }',
    `${SYNC}:9:23 mapping.name.expression: $random is not available here: it gives another value each time, so no record would ever be unchanged`,
  ],
  ['a filter', SYNC, 'object: contacts }', 'object: contacts, filter: "email_address =" }', `${SYNC}:1:70 source.filter: Unexpected end of expression`],
  [
    'an open brace',
    CRM,
    '"{window.from}"',
    '"{window.from"',
    `${CRM}:11:41 objects.contacts.list.query.updated_after.value: a { without its }; write {{ for a brace that is meant as text`,
  ],
  [
    'a bad expression inside a template',
    CRM,
    'get: /contacts',
    'get: "/contacts/{window.[}"',
    `${CRM}:10:32 objects.contacts.list.get: Expected "]" before end of expression`,
  ],
  [
    'a name that is not there',
    CRM,
    '{window.from}',
    '{windw.from}',
    `${CRM}:11:40 objects.contacts.list.query.updated_after.value: there is no "windw" here, did you mean "window"?`,
  ],
  [
    'a part that is not there',
    CRM,
    '{window.from}',
    '{window.since}',
    `${CRM}:11:40 objects.contacts.list.query.updated_after.value: there is no "window.since" here, only window.from, window.to`,
  ],
  [
    'deep in a body',
    API,
    'put: "/people/{match}"',
    'put: "/people/{match}", body: { a: [{ b: "{field}" }] }',
    `${API}:5:56 objects.people.upsert.body.a.0.b: there is no "field" here, did you mean "fields"?`,
  ],
  ['where records are', CRM, 'records: data', 'records: data[', `${CRM}:12:21 objects.contacts.list.records: Expected "]" before end of expression`],
  [
    'an error rule of a connector',
    API,
    'objects:',
    'errors: [{ when: "staus = 400", outcome: retry }]\nobjects:',
    `${API}:2:18 errors.0.when: there is no "staus" here, did you mean "status"?`,
  ],
  [
    'pages that go on after a key which records may share',
    CRM,
    '{ type: cursor, cursor: meta.next, param: cursor }',
    '{ type: keyset, key: updated_at, param: after }',
    `${CRM}:13:34 warning: objects.contacts.list.page.key: pages go on after the last "updated_at": of records that share one some may be left out where they fill a page; better the primary key "id"`,
  ],
  ['a hint', API, 'objects:', 'hints: [{ match: "(", hint: x }]\nobjects:', `${API}:2:18 hints.0.match: is no regular expression`],
  [
    'a batch of which nobody could tell what became',
    API,
    'put: "/people/{match}"',
    'post: /people, max: 10',
    `${API}:5:35 objects.people.upsert.max: a batch needs \`results\`: without it nobody could tell which records were written`,
    `${API}:5:35 objects.people.upsert.max: a batch of 10 needs {records} in its body: only the first record would be sent`,
  ],
]);

suite('addresses, limits and timeouts', [
  [
    'plain http',
    API,
    'https://shop.test',
    'http://shop.test',
    `${API}:1:10 baseUrl: plain http to shop.test would send credentials in the clear: use https, or say "allowPlainHttp: true"`,
  ],
  ['no address', API, 'https://shop.test/v1', 'shop.test', `${API}:1:10 baseUrl: is not an address such as https://api.example.com`],
  ['an address that is missing', API, 'baseUrl: https://shop.test/v1\n', '', `${SHOP}:1:1 baseUrl: is required: the connector shop has none of its own`],
  [
    'credentials in an address',
    API,
    'https://shop.test',
    'https://me:pass@shop.test',
    `${API}:1:10 baseUrl: credentials do not belong in an address: use auth`,
  ],
  ['no time at all', SHOP, 'shared: true', 'shared: true\ntimeouts: { headers: 0s }', `${SHOP}:3:22 timeouts.headers: must be longer than 0`],
  ['far too much time', SHOP, 'shared: true', 'shared: true\ntimeouts: { headers: 2h }', `${SHOP}:3:22 timeouts.headers: must be at most 1h`],
  [
    'a timeout that never counts',
    SHOP,
    'shared: true',
    'shared: true\ntimeouts: { headers: 20s, request: 10s }',
    `${SHOP}:3:22 warning: timeouts.headers: is longer than timeouts.request (10s), which ends the request first`,
  ],
  [
    'a window of no time',
    SHOP,
    'shared: true',
    'shared: true\nlimits: { requests: [{ count: 1, per: 0s }] }',
    `${SHOP}:3:39 limits.requests.0.per: must be longer than 0`,
  ],
]);

describe('secrets', () => {
  it('a secret that is not set is told with its name and where to put it, as a mistake of its own kind', (test) => {
    const project = loadFiles(test, GOOD, { env: {} });
    assert.deepEqual(linesOf(project), [
      `${CRM}:5:34 profiles.dev.auth.token: the secret CRM_TOKEN is not set: put it into the environment, .env, or a file in SYNCLINE_SECRETS_DIR`,
      `${SHOP}:3:30 auth.token: the secret SHOP_TOKEN is not set: put it into the environment, .env, or a file in SYNCLINE_SECRETS_DIR`,
    ]);
    assert.deepEqual([...new Set(project.mistakes.map(({ kind }) => kind))], ['secret']);
  });

  it('secrets come from .env and from files as well', (test) => {
    const directory = makeFolder(test, { ...GOOD, '.env': 'CRM_TOKEN=a-token\nSYNCLINE_SECRETS_DIR=mounted\n', 'mounted/SHOP_TOKEN': 'b-token\n' });
    assert.deepEqual(linesOf(loadProject(directory, { env: {} })), []);
    mkdirSync(join(directory, 'mounted/FOLDER'));
    writeFileSync(join(directory, SHOP), (GOOD[SHOP] ?? '').replace('SHOP_TOKEN', 'FOLDER'));
    assert.match(linesOf(loadProject(directory, { env: {} }))[0] ?? '', /the secret FOLDER is not set/);
  });

  it('of another profile, or of an auth that is overridden, they need not be set', (test) => {
    const files = changed({
      [CRM]: [
        [
          'profiles:',
          'auth: { type: bearer, token: "${secret:UNUSED}" }\nprofiles:\n  production: { baseUrl: https://crm.test, auth: { type: bearer, token: "${secret:PRODUCTION}" } }',
        ],
      ],
    });
    assert.deepEqual(linesOf(loadFiles(test, files)), []);
    assert.deepEqual(linesOf(loadFiles(test, files, { profile: 'production' })), [
      `${CRM}:4:73 profiles.production.auth.token: the secret PRODUCTION is not set: put it into the environment, .env, or a file in SYNCLINE_SECRETS_DIR`,
    ]);
  });

  it('a profile that a connection does not have is an error for each, never another profile', (test) => {
    assert.deepEqual(linesOf(loadFiles(test, GOOD, { profile: 'devv' })), [
      `${CRM}:2:1 profiles: there is no profile "devv", only dev: add "devv", or "shared: true" where the account is the same in all profiles`,
    ]);
  });
});

suite('names and settings', [
  [
    'a profile that would not fit into ids',
    'syncline.yaml',
    'name: acme',
    'name: acme\ndefaultProfile: a/b',
    `${CRM}:2:1 profiles: there is no profile "a/b", only dev: add "a/b", or "shared: true" where the account is the same in all profiles`,
    'syncline.yaml:2:17 defaultProfile: "a/b" is no profile: a name has letters, digits, hyphens, dots and underscores only',
  ],
  ['a setting inside a template', SYNC, 'email: owner_email }', 'email: owner_email }\n    onMissing: { use: "${env:DEFAULT_OWNER:-}" }'],
  [
    'a mistake beside a setting stands at the beginning: what is put in has another length',
    SYNC,
    'name: first_name',
    'name: { expression: "\'${env:REGION:-eu}\' & first_name &" }',
    `${SYNC}:9:23 mapping.name.expression: Unexpected end of expression`,
  ],
]);

suite('what must not stand in a file', [
  [
    'a token as it is',
    SHOP,
    '"${secret:SHOP_TOKEN}"',
    'abc123',
    `${SHOP}:3:30 auth.token: a secret must not stand in a file: write \${secret:NAME}, and put its value into .env`,
  ],
  [
    'a token as it is, in a profile that is not in use',
    CRM,
    'profiles:',
    'profiles:\n  production: { auth: { type: bearer, token: abc123 } }',
    `${CRM}:3:46 profiles.production.auth.token: a secret must not stand in a file: write \${secret:NAME}, and put its value into .env`,
  ],
  [
    'a token as a setting',
    SHOP,
    '"${secret:SHOP_TOKEN}"',
    '"${env:SHOP_TOKEN}"',
    `${SHOP}:3:30 auth.token: settings (\${env:…}) are not allowed in auth: write \${secret:NAME}`,
  ],
  [
    'credentials in a header',
    SHOP,
    'shared: true',
    'shared: true\nheaders: { Authorization: Bearer abc }',
    `${SHOP}:3:27 headers.Authorization: a secret must not stand in a file: use auth, or write \${secret:NAME}`,
  ],
  [
    'a secret where none is put in',
    SYNC,
    'name: first_name',
    'name: { value: "${secret:CRM_TOKEN}" }',
    `${SYNC}:9:19 mapping.name.value: secrets are put in only in auth, headers, channels and ledger, not here`,
  ],
  [
    'a reference that is none',
    SHOP,
    '${secret:SHOP_TOKEN}',
    '${SHOP_TOKEN}',
    `${SHOP}:3:31 auth.token: \${SHOP_TOKEN} is no reference: write \${secret:NAME}, \${env:NAME} or \${env:NAME:-default}`,
  ],
  [
    'a setting that is not set',
    SYNC,
    'name: first_name',
    'name: { value: "${env:REGION}" }',
    `${SYNC}:9:18 mapping.name.value: the setting REGION is not set: put it into the environment or .env, or write \${env:REGION:-default}`,
  ],
  ['a setting with a default is fine', SYNC, 'name: first_name', 'name: { value: "${env:REGION:-eu}" }'],
  ['a dollar before a template is no reference', API, 'put: "/people/{match}"', 'put: "/people/{match}", query: { price: "${fields.price}" }'],
]);

suite('a sync that takes away', [
  [
    'needs a target that deletes',
    SYNC,
    'matchOn: email',
    'matchOn: email, mode: mirror',
    `${SYNC}:2:37 target.object: people cannot be written in mode mirror: it needs \`delete\`, and \`upsert\`, or \`create\` and \`update\``,
  ],
  [
    'archives what the mapping can set back',
    SYNC,
    'matchOn: email',
    'matchOn: email, mode: { archive: { set: { stage: gone } } }',
    `${SYNC}:2:37 target.object: people cannot be written in mode archive: it needs \`update\`, and \`upsert\` or \`create\``,
    `${SYNC}:2:87 target.mode.archive.set.stage: "stage" is not in the mapping: nothing would set it back when the record returns. Map it, too, for example stage: { value: … }`,
  ],
  [
    'in another mode deletes nothing',
    SYNC,
    'mapping:',
    'delete: { scope: linked }\nmapping:',
    `${SYNC}:7:1 warning: delete: it is for modes mirror and archive: mode upsert deletes nothing`,
  ],
]);

it('a mirror that reads only what changed never learns of what has gone', (test) => {
  const mirror = (source: string) =>
    changed({
      [SYNC]: [
        ['object: contacts', `object: contacts, incremental: { cursorField: updated_at }${source}`],
        ['matchOn: email', 'matchOn: email, mode: mirror'],
      ],
      [API]: [['upsert: {', 'delete: { delete: "/people/{id}" }\n    upsert: {']],
    });
  assert.deepEqual(linesOf(loadFiles(test, mirror(''))), [
    `${SYNC}:2:67 target.mode: an incremental read never shows what has gone, so mode mirror would delete nothing: add \`source.deletes\` or \`source.fullRead\``,
  ]);
  assert.deepEqual(linesOf(loadFiles(test, mirror(', fullRead: { every: 1d }'))), []);
  assert.deepEqual(linesOf(loadFiles(test, mirror(', deletes: { tombstone: owner_email }'))), []);
  assert.match(
    linesOf(loadFiles(test, mirror(', deletes: { endpoint: deleted }'))).join('\n'),
    /source\.deletes\.endpoint: crm contacts has no `deleted` endpoint: describe it in the connector, or use `tombstone` or `source\.fullRead`$/,
  );
  assert.match(linesOf(loadFiles(test, mirror(', deletes: {}'))).join('\n'), /source\.deletes: name tombstone or endpoint$/m);
});

suite('a sync with rules about other people\u2019s edits', [
  [
    'needs a target that can be read',
    SYNC,
    'mapping:',
    'conflict: { policy: review }\nmapping:',
    `${SYNC}:7:21 conflict.policy: people has no \`search\`: what others changed there cannot be read`,
  ],
  [
    'needs two times where the newest wins',
    SYNC,
    'mapping:',
    'conflict: { policy: newest-wins }\nmapping:',
    `${SYNC}:7:21 conflict.policy: people has no \`search\`: what others changed there cannot be read`,
    `${SYNC}:7:21 conflict.policy: newest-wins needs \`targetTime\`: the field of the target that says when a record was changed`,
    `${SYNC}:7:21 conflict.policy: newest-wins needs \`sourceTime\`: the field of the source that says when a record was changed`,
  ],
]);

it('a write that names a version needs a search that finds it', (test) => {
  const files = changed({ [API]: [['upsert: {', 'update: { put: "/people/{id}", headers: { If-Match: "{etag}" } }\n    upsert: {']] });
  assert.match(
    linesOf(loadFiles(test, files)).join('\n'),
    /objects\.people\.update\.headers\.If-Match: etag is what `search\.etag` finds: say there where a record shows its version$/m,
  );
});

it('a schedule that no calendar has is told', (test) => {
  const lines = (schedule: string) => linesOf(loadFiles(test, changed({ [SYNC]: [['mapping:', `schedule: ${schedule}\nmapping:`]] }))).join('\n');
  assert.equal(lines('{ every: 1h, jitter: 1m, overlap: skip }'), '');
  assert.match(lines('{ every: 1h, cron: "0 * * * *" }'), /schedule: name exactly one of every, cron or calendar$/m);
  assert.match(lines('{ cron: "0 6 * *" }'), /schedule\.cron: "0 6 \* \*" is no cron expression: it has five fields/);
  assert.match(lines('{ cron: "0 6 * * *", timezone: Berlin }'), /schedule\.timezone: "Berlin" is no time zone: use an IANA name, like Europe\/Berlin$/m);
  assert.match(lines('{ every: 1m, jitter: 5m }'), /warning: schedule\.jitter: is as long as the interval 1m/);
  assert.match(
    lines('{ every: 1h, startAt: "2027-01-01T00:00:00Z", endAt: "2026-01-01T00:00:00Z" }'),
    /schedule\.endAt: is before startAt: it would never run$/m,
  );
});

suite('alerts and their channels', [
  [
    'an unknown channel',
    SYNC,
    'mapping:',
    'alerts: [{ on: run-failed, notify: [ops-slak] }]\nmapping:',
    `${SYNC}:7:37 alerts.0.notify.0: unknown channel "ops-slak": syncline.yaml has no \`channels\``,
  ],
  [
    'a condition that is no expression, or reads what no run counts',
    'syncline.yaml',
    'name: acme',
    'name: acme\nchannels: { ops: { type: slack, url: "${secret:CRM_TOKEN}" } }\ndefaults:\n  alerts: [{ on: run-failed, if: rejectd > 1, notify: [opz] }]',
    'syncline.yaml:4:34 defaults.alerts.0.if: there is no "rejectd" here, did you mean "rejected"?',
    'syncline.yaml:4:56 defaults.alerts.0.notify.0: unknown channel "opz", did you mean "ops"?',
  ],
  [
    'a rule without its condition, and one that stands twice',
    'syncline.yaml',
    'name: acme',
    'name: acme\nchannels: { ops: { type: slack, url: "${secret:CRM_TOKEN}" } }\ndefaults:\n  alerts: [{ on: run-failed, notify: [ops] }, { on: run-failed, notify: [ops] }]',
    'syncline.yaml:4:47 defaults.alerts.1: the same rule stands above: name all channels in one `notify`',
  ],
  [
    'an end of every run',
    SYNC,
    'mapping:',
    'alerts: [{ on: run-finished, notify: [ops] }]\nmapping:',
    `${SYNC}:7:10 alerts.0: run-finished needs \`if\`: without it every run would be an incident`,
  ],
  [
    'an address in the file, beside a secret that is not set',
    'syncline.yaml',
    'name: acme',
    'name: acme\nchannels:\n  a: { type: slack, url: https://hooks.slack.com/x }\n  b: { type: webhook, url: "${secret:NOT_SET}" }',
    'syncline.yaml:3:26 channels.a.url: whoever knows it can post there: write ${secret:NAME}, and put its value into .env',
    'syncline.yaml:4:28 warning: channels.b.url: the secret NOT_SET is not set here, so that b is told nothing: put it into the environment, .env, or a file in SYNCLINE_SECRETS_DIR',
  ],
  [
    'a secret that is not set: a warning, as it stops no run',
    'syncline.yaml',
    'name: acme',
    'name: acme\nchannels: { b: { type: webhook, url: "${secret:NOT_SET}" } }',
    'syncline.yaml:2:38 warning: channels.b.url: the secret NOT_SET is not set here, so that b is told nothing: put it into the environment, .env, or a file in SYNCLINE_SECRETS_DIR',
  ],
]);
