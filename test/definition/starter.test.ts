import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import { DEFINITION_KINDS, definitionJsonSchema } from '../../definition/json-schema.ts';
import { loadProject } from '../../definition/load-project.ts';
import { resolveSync } from '../../definition/resolve-sync.ts';
import { writeStarter } from '../../definition/starter.ts';
import { SyncError } from '../../engine/errors.ts';
import { misfits } from './json-schema-validator.ts';
import { linesOf, makeFolder } from './make-project.ts';

const SHIPPED = new URL('../../connectors/manifests/', import.meta.url);

describe('the starter project', () => {
  it('passes the check as it is, with nothing in the environment', async (test) => {
    const directory = join(makeFolder(test, {}), 'my-crm');
    const files = await writeStarter(directory);
    const project = loadProject(directory, { env: {} });
    assert.deepEqual(linesOf(project), []);
    assert.deepEqual([project.name, project.profile], ['my-crm', 'dev']);
    for (const file of [
      'syncline.yaml',
      'connections/crm.yaml',
      'connections/hubspot.yaml',
      'syncs/contacts-to-hubspot.yaml',
      '.env',
      '.env.example',
      '.gitignore',
      'README.md',
    ]) {
      assert.ok(files.includes(file) && existsSync(join(directory, file)), file);
    }
  });

  it('speaks to loopback alone on its dev profile, and does not fall back to it', async (test) => {
    const directory = join(makeFolder(test, {}), 'crm');
    await writeStarter(directory);
    const { connections } = resolveSync(loadProject(directory, { env: {} }), 'contacts-to-hubspot');
    assert.deepEqual([connections['crm']?.baseUrl, connections['hubspot']?.baseUrl], ['http://127.0.0.1:4100', 'http://127.0.0.1:4010']);
    const production = linesOf(loadProject(directory, { env: {}, profile: 'production' }));
    assert.ok(
      production.some((line) => line.startsWith('connections/crm.yaml')),
      production.join('\n'),
    );
    assert.ok(
      production.some((line) => line.startsWith('connections/hubspot.yaml')),
      production.join('\n'),
    );
  });

  it('keeps its secrets out of git, and names the same ones in .env.example', async (test) => {
    const directory = join(makeFolder(test, {}), 'crm');
    await writeStarter(directory);
    const read = (file: string) => readFileSync(join(directory, file), 'utf8');
    assert.deepEqual(read('.gitignore').trim().split('\n').toSorted(), ['.env', '.syncline/']);
    const names = (file: string) => [...read(file).matchAll(/^([A-Z_]+)=/gm)].map((match) => match[1]);
    for (const name of names('.env')) assert.ok(names('.env.example').includes(name), name);
    assert.doesNotMatch(read('.env.example'), /=\S/);
  });

  it('each of its files names a schema that is there, and fits it', async (test) => {
    const directory = join(makeFolder(test, {}), 'crm');
    const files = (await writeStarter(directory)).filter((file) => file.endsWith('.yaml'));
    assert.equal(files.length, 4);
    for (const file of files) {
      const text = readFileSync(join(directory, file), 'utf8');
      const [, schema = ''] = /^# yaml-language-server: \$schema=(\S+)\n/.exec(text) ?? [];
      const path = resolve(directory, dirname(file), schema);
      assert.deepEqual(misfits(JSON.parse(readFileSync(path, 'utf8')), parse(text)), [], file);
    }
  });

  it('is not written over anything', async (test) => {
    const directory = makeFolder(test, { 'crm/notes.txt': 'mine' });
    const isRefused = (error: unknown) => error instanceof SyncError && error.code === 'DEFINITION_INVALID' && /is not empty/.test(error.message);
    await assert.rejects(writeStarter(join(directory, 'crm')), isRefused);
    assert.deepEqual(readdirSync(join(directory, 'crm')), ['notes.txt']);
    mkdirSync(join(directory, 'empty'));
    await writeStarter(join(directory, 'empty'));
    await assert.rejects(writeStarter(join(directory, 'A & B')), /is no project name/);
    writeFileSync(join(directory, 'file'), '');
    await assert.rejects(writeStarter(join(directory, 'file')), isRefused);
  });
});

describe('the JSON Schema', () => {
  it('fits the connectors that ship', () => {
    const schema = definitionJsonSchema('connector');
    for (const file of readdirSync(SHIPPED)) assert.deepEqual(misfits(schema, parse(readFileSync(new URL(file, SHIPPED), 'utf8'), { merge: true })), [], file);
  });

  it('refuses what the loader refuses: unknown keys, missing keys, wrong values', () => {
    const sync = definitionJsonSchema('sync');
    const good = {
      source: { connection: 'a', object: 'b' },
      target: { connection: 'c', object: 'd', matchOn: 'e' },
      mapping: { e: { from: 'x', type: 'email' } },
    };
    assert.deepEqual(misfits(sync, good), []);
    assert.deepEqual(misfits(sync, { ...good, shedule: 1 }), ['/shedule: is unknown']);
    assert.deepEqual(misfits(sync, { ...good, source: { connection: 'a' } }), ['/source/object: is missing']);
    assert.deepEqual(misfits(sync, { ...good, giveUpAfter: '5 min' }).length, 1);
    assert.deepEqual(misfits(sync, { ...good, mapping: { e: { from: 'x', type: 'mail' } } }), ['/mapping/e: fits no branch']);
  });

  it('describes every key, for editors', () => {
    for (const kind of DEFINITION_KINDS) assert.deepEqual(undescribed(definitionJsonSchema(kind), kind), []);
  });
});

/** Paths of properties that say nothing of themselves, nor have a part that does. */
function undescribed(node: unknown, path: string): readonly string[] {
  if (typeof node !== 'object' || node === null) return [];
  const properties: object = 'properties' in node && typeof node.properties === 'object' && node.properties !== null ? node.properties : {};
  const own = Object.entries(properties).filter(([, value]) => typeof value === 'object' && value !== null && !('description' in value) && !('$ref' in value));
  return [...own.map(([key]) => `${path}.${key}`), ...Object.entries(node).flatMap(([key, value]) => undescribed(value, `${path}.${key}`))];
}
