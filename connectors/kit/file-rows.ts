import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resolvedConnectionSchema } from '../../definition/resolved.ts';
import { openConnections } from '../open-connections.ts';
import type { OpenConnection } from '../ports.ts';
import { expectSame, expectThat, type KitRow, tryRow } from './kit-row.ts';
import { readKeys } from './read-keys.ts';

const KEYS = ['101', '102', '103'];
const FILES: Readonly<Record<string, string>> = {
  'csv.csv': `id,name\n${KEYS.map((key) => `${key},"Kit, ${key}"`).join('\n')}\n`,
  'ndjson.ndjson': KEYS.map((id) => JSON.stringify({ id, name: `Kit, ${id}` })).join('\n'),
  'json.json': JSON.stringify(KEYS.map((id) => ({ id, name: `Kit, ${id}` }))),
  'none.csv': 'id,name\n',
};

/** Real files of each format in a folder of their own. */
export async function fileRows(name: string): Promise<readonly KitRow[]> {
  const folder = mkdtempSync(join(tmpdir(), 'syncline-kit-'));
  for (const [file, text] of Object.entries(FILES)) writeFileSync(join(folder, file), text);
  const objects = Object.fromEntries(Object.keys(FILES).map((file) => [file.replace(/\..*/, ''), { file: { path: file, key: 'id', pageRecords: 2 } }]));
  const connection = resolvedConnectionSchema.parse({
    name,
    connector: name,
    kind: 'files',
    folder,
    baseUrl: '',
    auth: { type: 'none' },
    headers: {},
    limits: {},
    timeouts: { connectMs: 1_000, headersMs: 1_000, bodyMs: 1_000, requestMs: 1_000 },
    maxAnswerBytes: 64_000_000,
    allowPlainHttp: false,
    errors: [],
    hints: [],
    objects,
  });
  const connections = openConnections({ resolveSecrets: (value) => value, directory: folder });
  try {
    return await formatRows(connections.open(`kit/kit/${name}`, connection));
  } finally {
    await connections.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function formatRows(connection: OpenConnection): Promise<readonly KitRow[]> {
  const rows: KitRow[] = [];
  for (const object of ['csv', 'ndjson', 'json']) {
    const row = (name: string, work: () => Promise<void>) => tryRow({ object, operation: 'read', name }, work);
    const source = connection.source(object);
    rows.push(
      await row('many pages', async () => expectSame(await readKeys(source, {}), KEYS, 'the keys that were read')),
      await tryRow({ object, operation: 'discover', name: 'fields of the file' }, async () => {
        const names = (await connection.discover?.fields(object))?.facts.map((facts) => facts.name) ?? [];
        expectSame(names, ['id', 'name'], 'the fields');
      }),
      await row('same cursor twice', async () => {
        const { next } = await source.readPage({ window: {}, cursor: undefined });
        expectThat(next !== undefined, 'the first page leads to no other.');
        const [once, again] = [await source.readPage({ window: {}, cursor: next }), await source.readPage({ window: {}, cursor: next })];
        expectSame(again.records, once.records, 'the page that was read again');
      }),
    );
  }
  const none = { object: 'csv', operation: 'read', name: 'empty' } as const;
  return [...rows, await tryRow(none, async () => expectSame(await readKeys(connection.source('none'), {}), [], 'the keys that were read'))];
}
