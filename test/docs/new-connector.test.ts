import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { openConnections } from '../../connectors/open-connections.ts';
import { findConnection } from '../../definition/resolve-sync.ts';
import { resolveSecrets } from '../../definition/secrets.ts';
import type { Json } from '../../engine/json.ts';
import { GOOD, linesOf, loadFiles } from '../definition/make-project.ts';
import { DESK_TOKEN, serveDesk } from '../support/desk.ts';

const PAGE = readFileSync(new URL('../../docs/new-connector.md', import.meta.url), 'utf8');
const README = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const [, BLOCK = ''] = /^```yaml\n# connections\/desk\.yaml\n([\s\S]*?)^```$/m.exec(PAGE) ?? [];

describe('docs/new-connector.md', () => {
  it('connects an undocumented API with a cursor in ten lines of YAML', async (context) => {
    const lines = BLOCK.trimEnd().split('\n');
    assert.equal(lines.length, 10, BLOCK);
    assert.ok(README.includes(BLOCK), 'the README has the same ten');
    const desk = await serveDesk(context, { tickets: 130 });
    const files = { ...GOOD, 'connections/desk.yaml': BLOCK.replace('https://api.acme.test', desk.url) };
    const project = loadFiles(context, files, { env: { CRM_TOKEN: 'a', SHOP_TOKEN: 'b', DESK_TOKEN } });
    assert.deepEqual(linesOf(project), []);
    const connections = openConnections({ resolveSecrets: (value: Json) => resolveSecrets(value, project.environment) });
    context.after(() => connections.close());
    const source = connections.open('acme/dev/desk', findConnection(project, 'desk')).source('tickets');
    const keys: string[] = [];
    for (let cursor: Json | undefined, isFirst = true; isFirst || cursor !== undefined; isFirst = false) {
      const page = await source.readPage({ window: {}, cursor });
      keys.push(...page.records.map(({ key }) => key));
      cursor = page.next;
    }
    assert.deepEqual(
      keys,
      Array.from({ length: 130 }, (_, index) => String(index + 1)),
    );
    assert.equal(desk.asked.length, 4);
  });
});
