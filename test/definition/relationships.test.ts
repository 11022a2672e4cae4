import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { resolveSync } from '../../definition/resolve-sync.ts';
import { syncGraph } from '../../definition/sync-graph.ts';
import { GOOD, linesOf, loadFiles } from './make-project.ts';

const CONTACTS = GOOD['syncs/contacts.yaml'] ?? '';
const plain = CONTACTS.replace(/lookups:[\s\S]*mapping:/, 'mapping:').replace('  owner: { lookup: owner }\n', '');

/** The good project with these syncs: lines put at the end of a plain one. */
function load(test: TestContext, syncs: Readonly<Record<string, string>>) {
  const { 'syncs/contacts.yaml': _, ...rest } = GOOD;
  return loadFiles(test, { ...rest, ...Object.fromEntries(Object.entries(syncs).map(([name, lines]) => [`syncs/${name}.yaml`, `${plain}${lines}`])) });
}

const ref = (sync: string, more = '') => `  ${sync}: { ref: { sync: ${sync}, from: owner_email${more} } }\n`;

describe('dependsOn', () => {
  it('names syncs that are there', (test) => {
    const project = load(test, { contacts: '', deals: 'dependsOn: [contacts, contcts, deals]\n' });
    assert.deepEqual(linesOf(project), [
      'syncs/deals.yaml:6:23 dependsOn.1: unknown sync "contcts", did you mean "contacts"?',
      'syncs/deals.yaml:6:32 dependsOn.2: deals cannot depend on itself',
    ]);
  });

  it('may not go round, and the way is named once', (test) => {
    const project = load(test, { a: 'dependsOn: [c]\n', b: 'dependsOn: [a]\n', c: 'dependsOn: [b]\n', d: 'dependsOn: [a]\n' });
    assert.deepEqual(linesOf(project), ['syncs/a.yaml:6:13 dependsOn.0: a → c → b → a: each waits for the next, so that none could start']);
  });

  it('and references give the order in which syncs run', (test) => {
    const project = load(test, { a: 'dependsOn: [b]\n', b: ref('c'), c: '' });
    assert.deepEqual(linesOf(project), []);
    assert.deepEqual(
      syncGraph(project.files.syncs).steps.map(({ name }) => name),
      ['c', 'b', 'a'],
    );
  });
});

describe('references that go round', () => {
  it('are right, and one of them is set later', (test) => {
    const project = load(test, { companies: ref('contacts'), contacts: ref('companies') });
    assert.deepEqual(linesOf(project), []);
    const rules = [resolveSync(project, 'companies'), resolveSync(project, 'contacts')].flatMap(({ sync }) => Object.values(sync.mapping));
    assert.deepEqual(
      rules.flatMap((rule) => (typeof rule === 'object' && rule.ref !== undefined ? [[rule.ref.sync, rule.ref.onMissing]] : [])),
      [
        ['contacts', undefined],
        ['companies', 'later'],
      ],
    );
  });

  it('as the definition says, where it does', (test) => {
    const project = load(test, { companies: ref('contacts', ', onMissing: later'), contacts: ref('companies', ', onMissing: hold') });
    assert.deepEqual(linesOf(project), []);
    assert.deepEqual(syncGraph(project.files.syncs).closing, [{ from: 'companies', to: 'contacts' }]);
  });

  it('where a record cannot do without: told', (test) => {
    const required = (sync: string) => ref(sync).replace(' }\n', ', required: true }\n');
    const project = load(test, { companies: required('contacts'), contacts: required('companies') });
    assert.deepEqual(linesOf(project), [
      'syncs/contacts.yaml:6:21 warning: mapping.companies.ref: companies waits for contacts: records that refer to each other would be held for ever; let this one be set later',
    ]);
    const contradictory = load(test, { companies: '', contacts: ref('companies', ', onMissing: later').replace(' }\n', ', required: true }\n') });
    assert.deepEqual(linesOf(contradictory), ['syncs/contacts.yaml:6:70 mapping.companies.ref.onMissing: cannot be set later: it is required']);
  });
});
