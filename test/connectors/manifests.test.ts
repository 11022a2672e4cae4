import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { it } from 'node:test';
import { compileErrorRules } from '../../connectors/error-rules.ts';
import { readGraphql } from '../../definition/graphql-document.ts';
import { CHANGE_KINDS } from '../../engine/outcome.ts';
import { compilePathTemplate } from '../../engine/template.ts';
import { connect, resolved } from './connect.ts';
import { shippedConnector } from './shipped-connector.ts';

const FOLDER = new URL('../../connectors/manifests/', import.meta.url);
const FILES = readdirSync(FOLDER).filter((file) => file.endsWith('.yaml'));

for (const file of FILES) {
  it(`${file} is what the schema says, and all its expressions, templates and patterns compile`, (context) => {
    const connector = shippedConnector(file.replace('.yaml', ''));
    const { errors = [], hints = [], objects } = connector;
    const opened = connect(context, resolved('http://127.0.0.1:1', { errors, hints, objects }));
    for (const [described, object] of Object.entries(objects)) {
      const name = described === '*' ? 'Anything' : described;
      if (object.list !== undefined) opened.source(name);
      if (CHANGE_KINDS.some((kind) => object[kind] !== undefined)) opened.target(name, object.unique?.[0] ?? 'name');
      assert.ok(object.list !== undefined || object.upsert !== undefined, `${name} can be read or written`);
    }
    compileErrorRules(errors);
    for (const { match } of hints) new RegExp(match, 'i');
    if (connector.probe?.get !== undefined) compilePathTemplate(connector.probe.get);
    if (connector.probe?.graphql !== undefined) readGraphql(connector.probe.graphql);
    assert.ok(connector.description !== undefined);
  });
}

it('an object with an expression that is none cannot be opened, and the message names it', (context) => {
  const opened = connect(context, resolved('http://127.0.0.1:1', { objects: { contacts: { list: { get: '/contacts', records: 'data[' } } } }));
  assert.throws(() => opened.source('contacts'), { code: 'DEFINITION_INVALID', message: /crm\.contacts: "data\[" is no expression/ });
});
