import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { it } from 'node:test';
import { openConnections } from '../../connectors/open-connections.ts';
import { findConnection } from '../../definition/resolve-sync.ts';
import { resolveSecrets } from '../../definition/secrets.ts';
import type { Json } from '../../engine/json.ts';
import { keysOf, outgoing, readAll, send } from '../connectors/connect.ts';
import { ContactsGraph } from '../connectors/contacts-graph.ts';
import { GOOD, linesOf, loadFiles } from '../definition/make-project.ts';

const PAGE = readFileSync(new URL('../../docs/graphql.md', import.meta.url), 'utf8');

it('each connection of docs/graphql.md is without mistakes', (context) => {
  const blocks = [...PAGE.matchAll(/^```yaml\n# (connections\/\S+\.yaml)\n([\s\S]*?)^```$/gm)].map(([, file = '', text = '']) => [file, text]);
  assert.deepEqual(
    blocks.map(([file]) => file),
    ['connections/acme.yaml', 'connections/shopify.yaml'],
  );
  const env = { CRM_TOKEN: 'a', SHOP_TOKEN: 'b', ACME_TOKEN: 'c', SHOPIFY_TOKEN: 'd' };
  assert.deepEqual(linesOf(loadFiles(context, { ...GOOD, ...Object.fromEntries(blocks) }, { env })), []);
});

it('the first reads, finds and writes contacts', async (context) => {
  const [, name = '', text = ''] = /^```yaml\n# connections\/(\S+)\.yaml\n([\s\S]*?)^```$/m.exec(PAGE) ?? [];
  const graph = await new ContactsGraph(['ada@x.test'], { maximum: 1_000, restoreRate: 100 }).listen(context);
  const files = { ...GOOD, [`connections/${name}.yaml`]: text.replace('https://api.acme.test/graphql', graph.url) };
  const project = loadFiles(context, files, { env: { CRM_TOKEN: 'a', SHOP_TOKEN: 'b', ACME_TOKEN: 'c' } });
  assert.deepEqual(linesOf(project), []);
  const connections = openConnections({ resolveSecrets: (value: Json) => resolveSecrets(value, project.environment) });
  context.after(() => connections.close());
  const connection = connections.open('acme/dev/acme', findConnection(project, name));
  const target = connection.target('contacts', 'email');
  const answer = await send(target, 'create', [outgoing('bob@x.test', { name: 'Bob' }), outgoing('ada@x.test')]);
  assert.ok(answer.answer === 'results');
  assert.deepEqual(
    answer.results.map(({ outcome }) => outcome),
    ['written', 'rejected'],
  );
  assert.equal((await target.search(['bob@x.test'])).get('bob@x.test')?.[0]?.id, 'gid://contacts/2');
  assert.deepEqual(keysOf(await readAll(connection.source('contacts'))), ['gid://contacts/1', 'gid://contacts/2']);
});
