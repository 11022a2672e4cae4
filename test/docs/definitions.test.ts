import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { GOOD, linesOf, loadFiles } from '../definition/make-project.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const DOCS = readFileSync(new URL('../../docs/definitions.md', import.meta.url), 'utf8');

/** The examples of the page, each with the file it stands for. */
function examples(): Readonly<Record<string, string>> {
  const found = [...DOCS.matchAll(/^## (\S+)\n[\s\S]*?^```yaml\n([\s\S]*?)^```$/gm)];
  return Object.fromEntries(found.map(([, file = '', text = '']) => [file, text]));
}

describe('docs/definitions.md', () => {
  it('is what the schema says', () => {
    const { status, stderr } = spawnSync(process.execPath, ['scripts/docs-definitions.ts', '--check'], { cwd: ROOT, encoding: 'utf8' });
    assert.equal(stderr, '');
    assert.equal(status, 0);
  });

  it('has an example of each file that loads', (test) => {
    const shown = examples();
    assert.deepEqual(Object.keys(shown), ['syncline.yaml', 'connections/NAME.yaml', 'syncs/NAME.yaml', 'connectors/NAME.yaml']);
    const files = {
      'syncline.yaml': shown['syncline.yaml'] ?? '',
      'connections/crm.yaml': (GOOD['connections/crm.yaml'] ?? '').replace(/^ {4}knownFields.*\n/m, ''),
      'connections/hubspot.yaml': shown['connections/NAME.yaml'] ?? '',
      'connections/acme.yaml': 'connector: acme\nshared: true\n',
      'connectors/acme.yaml': shown['connectors/NAME.yaml'] ?? '',
      'syncs/contacts.yaml': shown['syncs/NAME.yaml'] ?? '',
    };
    assert.deepEqual(linesOf(loadFiles(test, files, { env: { CRM_TOKEN: 'a', HUBSPOT_TOKEN: 'b', ACME_SECRET: 'c' } })), []);
  });

  it('writes lists and mappings so that they can be copied into a file', () => {
    const written = [...DOCS.matchAll(/ For example (.*)$/gm)].flatMap(([, line = '']) => [...line.matchAll(/`(\[[^`]*|\{ [\w-]+: [^`]*)`/g)]);
    assert.ok(written.length > 100, `${written.length} examples`);
    for (const [, example = ''] of written) assert.doesNotMatch(JSON.stringify(parse(example)), /null/, example);
  });

  it('links to parts that are there', () => {
    const headings = new Set([...DOCS.matchAll(/^### (\S+)$/gm)].map((match) => match[1]));
    for (const [, name] of DOCS.matchAll(/\]\(#([^)]+)\)/g)) assert.ok(headings.has(name), name);
  });
});
