import assert from 'node:assert/strict';
import { it } from 'node:test';
import { changed, linesOf, loadFiles } from '../make-project.ts';
import { API, CRM, SYNC, suite } from './mistake-suite.ts';

export function syncsAndConnections(): void {
  suite('rules that the project gives all its syncs', [
    [
      'conflicts by times that are not named, in a target that cannot be read',
      'syncline.yaml',
      'name: acme',
      'name: acme\ndefaults: { conflict: { policy: newest-wins, targetTime: "changed at" } }',
      'syncline.yaml:2:33 defaults.conflict.policy: for contacts: people has no `search`: what others changed there cannot be read; give that sync a `conflict` of its own',
      'syncline.yaml:2:33 defaults.conflict.policy: for contacts: newest-wins needs `sourceTime`: the field of the source that says when a record was changed; give that sync a `conflict` of its own',
      'syncline.yaml:2:67 defaults.conflict.targetTime: Syntax error: "at"; a name with spaces stands in backticks: "`changed at`"',
    ],
    [
      'comparing at no time, and what cannot be compared',
      'syncline.yaml',
      'name: acme',
      'name: acme\ndefaults: { reconcile: { every: 0s } }',
      'syncline.yaml:2:13 defaults.reconcile: for contacts: people has no `search`: what is there cannot be compared; write `reconcile` in the syncs that can be compared, and not in `defaults`',
      'syncline.yaml:2:33 defaults.reconcile.every: must be longer than 0',
    ],
    [
      'a schedule that no calendar has',
      'syncline.yaml',
      'name: acme',
      'name: acme\ndefaults: { schedule: { cron: "61 * * * *", timezone: Nowhere } }',
      'syncline.yaml:2:31 defaults.schedule.cron: "61 * * * *" is no cron expression: 61 is no minute, 0 to 59',
      'syncline.yaml:2:55 defaults.schedule.timezone: "Nowhere" is no time zone: use an IANA name, like Europe/Berlin',
    ],
  ]);

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

  it('rules that compare with what the target was told need a ledger that keeps it', (test) => {
    const files = (values: string) =>
      changed({
        'syncline.yaml': `name: acme\nvalues: ${values}\ndefaults: { conflict: { policy: target-wins }, reconcile: { every: 1d } }\n`,
        [SYNC]: [
          ['name: first_name', 'name: { from: first_name, write: once }'],
          ['mapping:', 'conflict: { policy: review }\nreconcile: { every: 1d, compare: all }\nmapping:'],
        ],
        [API]: [['upsert: {', 'search: { get: "/people/{key}", records: "[$]", max: 1 }\n    upsert: {']],
      });
    assert.deepEqual(linesOf(loadFiles(test, files('encrypted'))), []);
    const needs = 'needs what the target was told, which `values: hashed` does not keep';
    assert.deepEqual(linesOf(loadFiles(test, files('hashed'))), [
      `syncline.yaml:3:33 defaults.conflict.policy: target-wins ${needs}: write source-wins here, or \`values: encrypted\` in syncline.yaml`,
      `syncline.yaml:3:48 defaults.reconcile: comparing records ${needs}: add \`compare: counts\` here, or write \`values: encrypted\` in syncline.yaml`,
      `${SYNC}:7:21 conflict.policy: review ${needs}: write source-wins here, or \`values: encrypted\` in syncline.yaml`,
      `${SYNC}:8:1 reconcile: comparing records ${needs}: add \`compare: counts\` here, or write \`values: encrypted\` in syncline.yaml`,
      `${SYNC}:11:36 mapping.name.write: once ${needs}: write if-empty here, or \`values: encrypted\` in syncline.yaml`,
    ]);
  });

  it('a write that names a version needs a search that finds it', (test) => {
    const files = changed({ [API]: [['upsert: {', 'update: { put: "/people/{id}", headers: { If-Match: "{etag}" } }\n    upsert: {']] });
    assert.match(
      linesOf(loadFiles(test, files)).join('\n'),
      /objects\.people\.update\.headers\.If-Match: etag is what `search\.etag` finds: say there where a record shows its version$/m,
    );
  });
}
