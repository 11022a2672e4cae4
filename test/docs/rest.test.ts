import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import { runKit } from '../../connectors/kit/run-kit.ts';
import { connectorSchema } from '../../definition/schema/connector.ts';
import { GOOD, linesOf, loadFiles } from '../definition/make-project.ts';

const PAGE = readFileSync(new URL('../../docs/rest.md', import.meta.url), 'utf8');
const BLOCKS = [...PAGE.matchAll(/^```yaml\n# connectors\/([\w-]+)\.yaml\n([\s\S]*?)^```$/gm)].map(([, name = '', text = '']) => ({ name, text }));

describe('docs/rest.md', () => {
  it('has an example for each thing it says', () => assert.ok(BLOCKS.length >= 6, `${BLOCKS.length} blocks`));

  for (const { name, text } of BLOCKS) {
    it(`${name} is a connector without mistakes, and does what its exchanges show`, async (context) => {
      assert.deepEqual(linesOf(loadFiles(context, { ...GOOD, [`connectors/${name}.yaml`]: text })), []);
      const connector = connectorSchema.parse(parse(text));
      const rows = await runKit(name, connector);
      assert.deepEqual(
        rows.filter(({ verdict }) => verdict === 'failed').map(({ operation, name: row, sentence = '' }) => `${operation}, ${row}: ${sentence}`),
        [],
      );
      const played = rows.filter(({ operation, verdict }) => operation === 'examples' && verdict === 'passed');
      assert.equal(played.length, connector.examples?.length, 'each example was played back');
    });
  }
});
