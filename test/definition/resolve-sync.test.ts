import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { definitionHash, resolveSync } from '../../definition/resolve-sync.ts';
import { resolvedSyncSchema } from '../../definition/resolved.ts';
import { SyncError } from '../../engine/errors.ts';
import { changed, GOOD, linesOf, loadFiles } from './make-project.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

describe('resolving a sync', () => {
  it('writes every default down, in the one place', (test) => {
    const resolved = resolveSync(loadFiles(test, GOOD), 'contacts');
    assert.deepEqual(resolved.ref, { project: 'acme', profile: 'dev', sync: 'contacts' });
    assert.deepEqual(resolved.segment, { records: 100_000, bytes: 64_000_000, seconds: 30 });
    assert.deepEqual([resolved.maxSegmentsPerExecution, resolved.maxRejectedPercent, resolved.giveUpAfterMs, resolved.values], [300, 10, 1_800_000, 'plain']);
    assert.deepEqual(Object.keys(resolved.connections).toSorted(), ['crm', 'shop']);
    assert.deepEqual(resolved.connections['crm']?.timeouts, { connectMs: 10_000, headersMs: 30_000, bodyMs: 30_000, requestMs: 60_000 });
    assert.equal(resolved.connections['crm']?.maxAnswerBytes, 64_000_000);
    assert.equal(resolved.sync.lookups['owner']?.return, 'id');
    assert.deepEqual(resolvedSyncSchema.parse(JSON.parse(JSON.stringify(resolved))), resolved);
  });

  it('takes what a sync says before what the project says', (test) => {
    const files = changed({
      'syncline.yaml': 'name: acme\nvalues: hashed\ndefaults: { segment: { records: 100, seconds: 5 }, giveUpAfter: 1m, guard: { maxRejectedPercent: 3 } }\n',
      'syncs/contacts.yaml': [['mapping:', 'segment: { records: 7 }\nmapping:']],
    });
    const resolved = resolveSync(loadFiles(test, files), 'contacts');
    assert.deepEqual(resolved.segment, { records: 7, bytes: 64_000_000, seconds: 5 });
    assert.deepEqual([resolved.giveUpAfterMs, resolved.maxRejectedPercent, resolved.values], [60_000, 3, 'hashed']);
  });

  it('merges connector, connection and profile, each before the one before', (test) => {
    const files = changed({
      'connectors/shop.yaml': [
        [
          'baseUrl: https://shop.test/v1',
          'baseUrl: https://shop.test/\nversion: { path: /2026-01 }\nheaders: { A: connector, B: connector, C: connector }\ntimeouts: { connect: 1s, request: 20s }\nlimits: { concurrency: 2, requests: [{ count: 1, per: 1s }] }',
        ],
      ],
      'connections/shop.yaml': `connector: shop
headers: { B: connection, C: connection }
timeouts: { request: 30s }
limits: { concurrency: 3 }
objects: { owners: { list: { get: /users, records: users } } }
profiles:
  dev: { headers: { C: profile }, limits: { concurrency: 4 }, applyDelay: 3s, auth: { type: bearer, token: "\${secret:SHOP_TOKEN}" } }
`,
    });
    const project = loadFiles(test, files);
    assert.deepEqual(linesOf(project), []);
    const shop = resolveSync(project, 'contacts').connections['shop'];
    assert.equal(shop?.baseUrl, 'https://shop.test/2026-01');
    assert.deepEqual(shop?.headers, { A: 'connector', B: 'connection', C: 'profile' });
    assert.deepEqual(shop?.timeouts, { connectMs: 1_000, headersMs: 30_000, bodyMs: 30_000, requestMs: 30_000 });
    assert.deepEqual(shop?.limits, { concurrency: 4, requests: [{ count: 1, per: '1s' }] });
    assert.equal(shop?.applyDelayMs, 3_000);
    assert.equal(shop?.objects['owners']?.list?.get, '/users');
    assert.deepEqual(Object.keys(shop?.objects ?? {}).toSorted(), ['owners', 'people']);
  });

  it('sends a pinned version in its header', (test) => {
    const files = changed({ 'connectors/shop.yaml': [['objects:', 'version: { header: X-Version, value: "7" }\nobjects:']] });
    assert.deepEqual(resolveSync(loadFiles(test, files), 'contacts').connections['shop']?.headers, { 'X-Version': '7' });
  });

  it('puts a version behind an address, also where a setting with a slash at its end tells that', (test) => {
    const address = 'baseUrl: "${env:SHOP_URL}"\nversion: { path: /2026-01 }';
    const files = changed({ 'connectors/shop.yaml': [['baseUrl: https://shop.test/v1', address]] });
    const project = loadFiles(test, files, { env: { CRM_TOKEN: 'a', SHOP_TOKEN: 'b', SHOP_URL: 'https://shop.test/' } });
    assert.equal(resolveSync(project, 'contacts').connections['shop']?.baseUrl, 'https://shop.test/2026-01');
  });

  it('puts settings in, and leaves secrets as references', (test) => {
    const files = changed({
      'connections/crm.yaml': [['http://127.0.0.1:4100', '"${env:CRM_URL:-http://127.0.0.1:1}"']],
      'syncs/contacts.yaml': [['name: first_name', 'name: { value: "${env:REGION}" }']],
    });
    const project = loadFiles(test, files, { env: { CRM_TOKEN: 'hidden-value', SHOP_TOKEN: 'other-value', REGION: 'eu' } });
    assert.deepEqual(linesOf(project), []);
    const resolved = resolveSync(project, 'contacts');
    assert.equal(resolved.connections['crm']?.baseUrl, 'http://127.0.0.1:1');
    assert.deepEqual(resolved.sync.mapping['name'], { value: 'eu' });
    assert.deepEqual(resolved.connections['crm']?.auth, { type: 'bearer', token: '${secret:CRM_TOKEN}' });
    assert.equal(JSON.stringify(resolved).includes('hidden-value'), false);
  });

  it('refuses an unknown sync with the one that was meant, and what has mistakes', (test) => {
    const refusal = (work: () => unknown) => {
      try {
        work();
      } catch (error) {
        return error instanceof SyncError ? `${error.code} ${error.message}` : String(error);
      }
      return 'nothing';
    };
    const good = loadFiles(test, GOOD);
    assert.equal(
      refusal(() => resolveSync(good, 'contact')),
      'DEFINITION_INVALID There is no sync "contact" (did you mean "contacts"?). This project has contacts.',
    );
    assert.match(
      refusal(() => resolveSync(loadFiles(test, GOOD, { profile: 'production' }), 'contacts')),
      /Connection crm has no profile "production"/,
    );
    const broken = loadFiles(test, changed({ 'syncs/contacts.yaml': [['name: first_name', 'name: 12']] }));
    assert.equal(
      refusal(() => resolveSync(broken, 'contacts')),
      'DEFINITION_INVALID syncs/contacts.yaml has mistakes: run "syncline check".',
    );
    const noConnector = loadFiles(test, changed({ 'connectors/shop.yaml': 'nothing' }));
    assert.match(
      refusal(() => resolveSync(noConnector, 'contacts')),
      /DEFINITION_INVALID There is no connection "shop"/,
    );
  });
});

describe('the hash of a definition', () => {
  it('is the same however the files are laid out, and another where a run would do something else', (test) => {
    const hash = (files: typeof GOOD) => definitionHash(resolveSync(loadFiles(test, files), 'contacts'), sha256);
    const layout = changed({ 'syncs/contacts.yaml': [['{ connection: crm, object: contacts }', '# where from\n  object: contacts\n  connection: crm']] });
    assert.equal(hash(layout), hash(GOOD));
    assert.match(hash(GOOD), /^[0-9a-f]{32}$/);
    assert.notEqual(hash(changed({ 'syncs/contacts.yaml': [['name: first_name', 'nick: first_name']] })), hash(GOOD));
    assert.notEqual(hash(changed({ 'connectors/shop.yaml': [['https://shop.test/v1', 'https://shop.test/v2']] })), hash(GOOD));
  });
});
