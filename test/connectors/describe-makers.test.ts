import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { openConnections } from '../../connectors/open-connections.ts';
import { loadProject } from '../../definition/load-project.ts';
import { findConnection } from '../../definition/resolve-sync.ts';
import { resolveSecrets } from '../../definition/secrets.ts';
import type { Json } from '../../engine/json.ts';
import { linesOf } from '../definition/make-project.ts';
import { type CommandResult, runCommandLine } from '../support/command-line.ts';
import { type Maker, startFastApi, startFastify, startHono, startSpring, TOKEN } from './makers.ts';

const SECRETS = { MADE_TOKEN: TOKEN, MADE_KEY: TOKEN, MADE_USER: 'anna', MADE_PASSWORD: TOKEN };

class Folder {
  readonly directory = mkdtempSync(join(tmpdir(), 'syncline-made-'));

  constructor(context: TestContext) {
    context.after(() => rmSync(this.directory, { recursive: true, force: true }));
    mkdirSync(this.directory, { recursive: true });
    writeFileSync(join(this.directory, 'syncline.yaml'), 'name: made\ndefaultProfile: dev\n');
  }

  cli(...words: string[]): Promise<CommandResult> {
    return runCommandLine(words, { directory: this.directory, env: { NO_COLOR: '1', ...SECRETS } });
  }

  get manifest(): string {
    return readFileSync(join(this.directory, 'connectors/made.yaml'), 'utf8');
  }
}

async function readAll(context: TestContext, { directory }: Folder, object: string): Promise<readonly string[]> {
  const project = loadProject(directory, { env: SECRETS });
  assert.deepEqual(linesOf(project), []);
  const connections = openConnections({ resolveSecrets: (value: Json) => resolveSecrets(value, project.environment) });
  context.after(() => connections.close());
  const source = connections.open('made/dev/made', findConnection(project, 'made')).source(object);
  const keys: string[] = [];
  for (let cursor: Json | undefined, isFirst = true; isFirst || cursor !== undefined; isFirst = false) {
    const page = await source.readPage({ window: {}, cursor });
    keys.push(...page.records.map(({ key }) => key));
    cursor = page.next;
  }
  return keys;
}

describe('connector new --openapi', () => {
  const makers: Readonly<Record<string, { readonly start: (context: TestContext) => Promise<Maker>; readonly expected: readonly RegExp[] }>> = {
    '@fastify/swagger, OpenAPI 3.0': {
      start: startFastify,
      expected: [
        /page: \{ type: page, param: page, total: meta\.total, size: \{ param: per_page, max: 10 \} \} # guessed: .* – review/,
        /updated_since: \{ value: "\{window\.from\}", optional: true \} # guessed: .*cursorField: updated_at/,
        /get: \/contacts\/\{id\}\n {6}record: data # guessed/,
        /get: \/contacts\/\{parent\.id\}\/notes\n[\s\S]*parents: \{ object: contacts \} # guessed/,
        /body: \{ contact: "\{record\}" \} # guessed/,
      ],
    },
    '@hono/zod-openapi, OpenAPI 3.1': {
      start: startHono,
      expected: [
        /primaryKey: invoiceId # guessed/,
        /type: cursor, cursor: pageInfo\.nextCursor, param: cursor/,
        /tenant: main # guessed/,
        /type: api-key, in: header, name: X-Api-Key/,
      ],
    },
    'springfox, Swagger 2.0': {
      start: startSpring,
      expected: [
        /type: page, param: page, start: 0, total: totalElements, totalPages: totalPages, hasMore: \$not\(last\)/,
        /type: basic/,
        /put: \/orders\/\{id\} # guessed/,
        /delete: \/orders\/\{id\}/,
      ],
    },
    'FastAPI, OpenAPI 3.1': {
      start: startFastApi,
      expected: [/type: offset, param: skip, size: \{ param: limit, max: 7 \}/, /auth: \{ type: none \} # guessed/],
    },
  };
  for (const [name, { start, expected }] of Object.entries(makers)) {
    it(`gives a connector that passes check and reads every page, from a description by ${name}`, async (context) => {
      const { url, object, keys } = await start(context);
      const folder = new Folder(context);
      const made = await folder.cli('connector', 'new', 'made', '--openapi', url, '--live');
      assert.equal(made.code, 0, made.stdout + made.stderr + folder.manifest);
      assert.match(made.stdout, new RegExp(`✓ made ${object}: \\d+ records on the first page, and there is a next one`));
      for (const pattern of expected) assert.match(folder.manifest, pattern);
      const checked = await folder.cli('check');
      assert.equal(checked.code, 0, checked.stdout);
      assert.deepEqual(await readAll(context, folder, object), keys);
      if (name.startsWith('@fastify')) assert.deepEqual(await readAll(context, folder, 'notes'), ['70', '71']);
    });
  }
});
