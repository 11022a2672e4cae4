import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { loadProject } from '../../definition/load-project.ts';
import { changed, ENV, GOOD, linesOf, loadFiles, makeFolder } from './make-project.ts';

const SYNC = 'syncs/contacts.yaml';

describe('loading a project', () => {
  it('finds nothing wrong in a good project, and takes its default profile', (test) => {
    const project = loadFiles(test, GOOD);
    assert.deepEqual(linesOf(project), []);
    assert.equal(project.name, 'acme');
    assert.equal(project.profile, 'dev');
    assert.deepEqual([...project.files.syncs.keys()], ['contacts']);
    assert.deepEqual([...project.files.connectors.keys()], ['generic-rest', 'shop'], 'of those that ship, only what a connection uses is read');
    assert.equal(project.files.present.connectors.includes('hubspot'), true);
  });

  it('tells all mistakes of all files at once, in the order of files and lines', (test) => {
    const files = changed({
      'syncline.yaml': 'name: acme\ndefaultProfle: dev\n',
      'connections/shop.yaml': [['connector: shop', 'connector: shopp']],
      [SYNC]: [
        ['connection: crm', 'connection: cmr'],
        ['from: email_address', 'form: email_address'],
        ['lookup: owner', 'lookup: onwer'],
      ],
    });
    assert.deepEqual(linesOf(loadFiles(test, files)), [
      'connections/shop.yaml:1:12 connector: unknown connector "shopp", did you mean "shop"?',
      'syncline.yaml:2:1 unknown key "defaultProfle", did you mean "defaultProfile"?',
      `${SYNC}:1:23 source.connection: unknown connection "cmr", did you mean "crm"?`,
      `${SYNC}:4:3 lookups.owner: nobody uses this lookup: map a field with "lookup: owner", or take it out`,
      `${SYNC}:8:12 mapping.email: unknown key "form", did you mean "from"?`,
      `${SYNC}:10:20 mapping.owner.lookup: unknown lookup "onwer", did you mean "owner"?`,
    ]);
  });

  it('goes on to look across files where a file has mistakes of its own, and tells none that only follow from them', (test) => {
    const files = changed({
      'connections/crm.yaml': [['records: data', 'recods: data']],
      [SYNC]: [
        ['object: people', 'object: peple'],
        ['object: owners', 'object: ownrs'],
        ['type: email', 'type: emial'],
      ],
    });
    assert.deepEqual(linesOf(loadFiles(test, files)), [
      'connections/crm.yaml:12:7 objects.contacts.list: unknown key "recods", did you mean "records"?',
      `${SYNC}:2:37 target.object: connection shop has no object "peple", did you mean "people"?`,
      `${SYNC}:5:39 lookups.owner.from.object: connection shop has no object "ownrs", did you mean "owners"?`,
      `${SYNC}:8:39 mapping.email.type: "emial" is not one of string, integer, number, boolean, date, datetime, email, phone, url, enum, json, did you mean "email"?`,
    ]);
  });

  it('says how to go on where there is no project', (test) => {
    const directory = makeFolder(test, {});
    assert.deepEqual(linesOf(loadProject(directory, { env: ENV })), [
      'syncline.yaml there is no project here: change into one, name it with --project, or make one with "syncline init NAME"',
    ]);
    writeFileSync(join(directory, 'syncline.yml'), 'name: acme\n');
    assert.deepEqual(linesOf(loadProject(directory, { env: ENV })), ['syncline.yaml rename syncline.yml to syncline.yaml']);
    assert.equal(linesOf(loadProject(join(directory, 'nowhere'), { env: ENV })).length, 1);
  });

  it('names files and folders that cannot be what they should', (test) => {
    const directory = makeFolder(test, {
      ...GOOD,
      'connections/crm.yml': GOOD['connections/crm.yaml'] ?? '',
      'syncs/a b.yaml': GOOD[SYNC] ?? '',
      'sync/x.yaml': '',
    });
    mkdirSync(join(directory, 'connections/other.yaml'));
    assert.deepEqual(linesOf(loadProject(directory, { env: ENV })), [
      'connections/crm.yml there is another file for "crm": keep one',
      'connections/other.yaml warning: folders in here are not read',
      'sync warning: this folder is not read, did you mean "syncs"?',
      'syncs/a b.yaml the name of a definition has letters, digits, hyphens, dots and underscores only',
    ]);
  });

  it('finds the connectors that ship in another folder, where it is told one', (test) => {
    const shippedConnectors = makeFolder(test, { 'generic-rest.yaml': 'objects: {}\n' });
    assert.deepEqual(linesOf(loadFiles(test, GOOD, { shippedConnectors })), []);
    assert.deepEqual(linesOf(loadFiles(test, GOOD, { shippedConnectors: makeFolder(test, {}) })), [
      'connections/crm.yaml:1:12 connector: unknown connector "generic-rest": there are shop, and what you describe in connectors/',
    ]);
  });

  it('finds nothing wrong in the connectors that ship', (test) => {
    const project = loadFiles(test, { 'syncline.yaml': 'name: acme\n' }, { withAllConnectors: true });
    assert.deepEqual(linesOf(project), []);
    const shipped = ['files', 'generic-rest', 'hubspot', 'postgres', 'salesforce', 'shopify', 'sqlite', 'stripe', 'zendesk'];
    assert.deepEqual([...project.files.connectors.keys()].toSorted(), shipped);
  });
});
