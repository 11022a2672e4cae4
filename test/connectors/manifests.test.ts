import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { it } from 'node:test';
import { parse } from 'yaml';
import { compileErrorRules } from '../../connectors/error-rules.ts';
import { connectorSchema } from '../../definition/schema/connector.ts';
import { CHANGE_KINDS } from '../../engine/outcome.ts';
import { compilePathTemplate } from '../../engine/template.ts';
import { connect, resolved } from './connect.ts';

const FOLDER = new URL('../../connectors/manifests/', import.meta.url);
const FILES = readdirSync(FOLDER).filter((file) => file.endsWith('.yaml'));

for (const file of FILES) {
  it(`${file} is what the schema says, and all its expressions, templates and patterns compile`, (context) => {
    const connector = connectorSchema.parse(parse(readFileSync(new URL(file, FOLDER), 'utf8'), { merge: true }));
    const { errors = [], hints = [], objects } = connector;
    const opened = connect(context, resolved('http://127.0.0.1:1', { errors, hints, objects }));
    for (const [name, object] of Object.entries(objects)) {
      if (object.list !== undefined) opened.source(name);
      if (CHANGE_KINDS.some((kind) => object[kind] !== undefined)) opened.target(name, object.unique?.[0] ?? 'name');
      assert.ok(object.list !== undefined, `${name} can be read`);
    }
    compileErrorRules(errors);
    for (const { match } of hints) new RegExp(match, 'i');
    if (connector.probe !== undefined) compilePathTemplate(connector.probe.get);
    assert.ok(connector.description !== undefined);
  });
}

it('an object with an expression that is none cannot be opened, and the message names it', (context) => {
  const opened = connect(context, resolved('http://127.0.0.1:1', { objects: { contacts: { list: { get: '/contacts', records: 'data[' } } } }));
  assert.throws(() => opened.source('contacts'), { code: 'DEFINITION_INVALID', message: /crm\.contacts: "data\[" is no expression/ });
});
