import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { it } from 'node:test';
import { parse } from 'yaml';
import { connectorSchema } from '../../definition/schema/connector.ts';
import { connect, resolved } from '../connectors/connect.ts';
import { GOOD, linesOf, loadFiles } from '../definition/make-project.ts';
import { json, serve } from '../http/local-server.ts';

const PAGE = readFileSync(new URL('../../docs/fields.md', import.meta.url), 'utf8');
const BLOCKS = Object.fromEntries([...PAGE.matchAll(/^```yaml\n# (connect\w+\/\w+\.yaml)\n([\s\S]*?)^```$/gm)].map(([, file = '', text = '']) => [file, text]));

it('the examples of docs/fields.md have no mistakes, and its endpoint tells fields', async (context) => {
  assert.deepEqual(Object.keys(BLOCKS), ['connectors/acme.yaml', 'connections/described.yaml']);
  assert.deepEqual(linesOf(loadFiles(context, { ...GOOD, ...BLOCKS })), []);
  const field = { api_name: 'stage', title: 'Stage', kind: 'lov', mandatory: true, editable: false, choices: [{ id: 'lead' }, { id: 'won' }] };
  const { url } = await serve(context, (_request, response) => json(response, { fields: [field] }));
  const { objects } = connectorSchema.parse(parse(BLOCKS['connectors/acme.yaml'] ?? ''));
  assert.deepEqual(await connect(context, resolved(url, { objects })).discover?.fields('contacts'), {
    origin: 'metadata',
    facts: [{ name: 'stage', label: 'Stage', type: 'enum', isRequired: true, isReadOnly: true, values: ['lead', 'won'] }],
  });
});
