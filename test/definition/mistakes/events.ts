import assert from 'node:assert/strict';
import { it } from 'node:test';
import { changed, linesOf, loadFiles } from '../make-project.ts';
import { CRM, SYNC } from './mistake-suite.ts';

export function events(): void {
  const nobodyTells = `${SYNC}:1:46 warning: source.events: no delivery ever comes: crm has no \`webhooks\` on dev`;

  it('a sync that is told of records by events can read them one by one, or tells an old payload by its field', (test) => {
    const told = (how: string, object: readonly (readonly [string, string])[] = []) =>
      linesOf(loadFiles(test, changed({ [SYNC]: [['object: contacts', `object: contacts, events: ${how}`]], [CRM]: object })));
    const withGet = [['    list:', '    get: { get: "/contacts/{id}" }\n    list:']] as const;
    assert.deepEqual(told('{}'), [
      `${SYNC}:1:46 source.events: crm contacts cannot be read one by one: it has no \`get\`. Describe it in the connector, or trust what deliveries hold: \`events: { read: payload }\``,
      nobodyTells,
    ]);
    assert.deepEqual([told('{}', withGet), told('{ read: payload }, incremental: { cursorField: updated_at }')], [[nobodyTells], [nobodyTells]]);
    assert.deepEqual(told('{ read: payload }', withGet), [
      nobodyTells,
      `${SYNC}:1:62 source.events.read: payload needs \`source.incremental\`: without a field that grows, an old delivery would go over what is newer. Name it, or use \`read: record\``,
    ]);
  });
}
