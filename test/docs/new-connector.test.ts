import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { describe, it, type TestContext } from 'node:test';
import { openConnections } from '../../connectors/open-connections.ts';
import { findConnection } from '../../definition/resolve-sync.ts';
import { resolveSecrets } from '../../definition/secrets.ts';
import type { Json } from '../../engine/json.ts';
import { GOOD, linesOf, loadFiles } from '../definition/make-project.ts';

const PAGE = readFileSync(new URL('../../docs/new-connector.md', import.meta.url), 'utf8');
const [, BLOCK = ''] = /^```yaml\n# connections\/desk\.yaml\n([\s\S]*?)^```$/m.exec(PAGE) ?? [];
const TOKEN = 'desk-token-1';

/** A help desk with a cursor that says nothing: tickets are numbered from 1, its cursors are the last number in base 36, turned round. */
async function serveDesk(context: TestContext, tickets: number): Promise<{ readonly url: string; readonly asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://desk');
    asked.push(request.url ?? '');
    const answer = (status: number, body: unknown) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (request.headers.authorization !== `Bearer ${TOKEN}`) return answer(401, { message: 'Who are you?' });
    if (pathname !== '/v1/tickets') return answer(404, { message: 'No such page' });
    const cursor = searchParams.get('cursor');
    const after = cursor === null ? 0 : Number.parseInt([...cursor].reverse().join(''), 36);
    const last = Math.min(after + 40, tickets);
    const data = Array.from({ length: last - after }, (_, index) => ({ id: after + index + 1, subject: `Ticket ${after + index + 1}`, open: true }));
    const next = last < tickets ? [...last.toString(36)].reverse().join('') : null;
    return answer(200, { data, meta: { next_cursor: next } });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  return { url: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`, asked };
}

describe('docs/new-connector.md', () => {
  it('connects an undocumented API with a cursor in ten lines of YAML', async (context) => {
    const lines = BLOCK.trimEnd().split('\n');
    assert.equal(lines.length, 10, BLOCK);
    const desk = await serveDesk(context, 130);
    const files = { ...GOOD, 'connections/desk.yaml': BLOCK.replace('https://api.acme.test', desk.url) };
    const project = loadFiles(context, files, { env: { CRM_TOKEN: 'a', SHOP_TOKEN: 'b', DESK_TOKEN: TOKEN } });
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
