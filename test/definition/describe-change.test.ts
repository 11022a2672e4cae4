import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { describeChange } from '../../definition/describe-change.ts';
import { resolveSync } from '../../definition/resolve-sync.ts';
import { changed, GOOD, loadFiles } from './make-project.ts';

const between = (test: TestContext, edits: Parameters<typeof changed>[0]) =>
  describeChange(resolveSync(loadFiles(test, GOOD), 'contacts'), resolveSync(loadFiles(test, changed(edits)), 'contacts'));

describe('what is another in a definition', () => {
  it('is nothing where only words for people are', (test) => {
    assert.equal(between(test, { 'syncs/contacts.yaml': [['source:', 'description: another\nsource:']] }), undefined);
  });

  it('names fields of the mapping, and says that every record is concerned', (test) => {
    const change = between(test, { 'syncs/contacts.yaml': [['mapping:', 'mapping:\n  fax: fax_number']] });
    assert.deepEqual(change, { parts: ['mapping: fax added'], isOfEveryRecord: true });
  });

  it('shows a policy before and after, and names what of a guard is another', (test) => {
    const change = between(test, {
      'syncs/contacts.yaml': [['mapping:', 'guard: { maxDeletes: 7 }\nconflict: { policy: target-wins }\nmapping:']],
    });
    assert.deepEqual(change, { parts: ['conflict.policy: source-wins → target-wins', 'guard: maxDeletes changed'], isOfEveryRecord: false });
  });
});
