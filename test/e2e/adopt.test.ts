import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { Stack } from '../support/stack.ts';

const SYNC = 'contacts-to-hubspot';

async function begin(context: TestContext) {
  const stack = await Stack.start(['--contacts', '40', '--bad-percent', '0']);
  context.after(() => stack.stop());
  await stack.project.startWorker();
  const cli = async (...args: string[]) => {
    const { code, stdout, stderr } = await stack.project.cli(...args, '--yes');
    return { code, text: stdout + stderr };
  };
  return { stack, cli };
}

describe('adopt', { concurrency: 3 }, () => {
  it('finds what the target has, sends nothing, and the first run leaves alone what is equal', async (context) => {
    const { stack, cli } = await begin(context);
    // A ledger that is lost, and a target that is full: the case to adopt for.
    assert.equal((await cli('run', SYNC)).code, 0);
    stack.project.edit('syncline.yaml', (text) => text.replace(/^name: (\S+)/m, 'name: $1-again'));
    await stack.project.startWorker();
    await stack.changeContact('3', { company: 'Renamed' });
    const { writes } = await stack.hubspotState();
    const adopted = await cli('adopt', SYNC);
    assert.equal(adopted.code, 0, adopted.text);
    assert.match(adopted.text, /39 {2}in the target, and as the mapping has them: nothing will be sent/);
    assert.match(adopted.text, /1 {2}in the target, with other values: the next run changes them {2,}3\b/);
    assert.match(adopted.text, /books\s+closed/);
    assert.equal((await stack.hubspotState()).writes, writes);
    const run = await cli('run', SYNC);
    assert.match(run.text, /updated\s+1\b/, run.text);
    assert.match(run.text, /unchanged\s+39\b/);
    assert.match((await cli('adopt', SYNC)).text, /40 {2}known already/);
  });

  it('says what the target has twice, and what it has not', async (context) => {
    const { stack, cli } = await begin(context);
    await stack.setFaults('hubspot', { allowsDuplicates: true });
    for (const company of ['One', 'Two'])
      await stack.askHubspot('POST', '/crm/v3/objects/contacts', { properties: { email: 'person5@example.test', company } });
    const adopted = await cli('adopt', SYNC);
    assert.equal(adopted.code, 4, adopted.text);
    assert.match(adopted.text, /39 {2}not in the target: the next run creates them/);
    assert.match(adopted.text, /1 {2}in the target more than once: merge them there {2,}5\b/);
    assert.equal((await stack.hubspotState()).counts['contacts'], 2);
  });

  it('is refused where the target cannot be searched', async (context) => {
    const { stack, cli } = await begin(context);
    stack.project.edit(
      'connections/hubspot.yaml',
      (text) =>
        `${text}objects:\n  contacts:\n    upsert: { post: /x, body: { inputs: "{records}" } }\n  owners: { list: { get: /crm/v3/owners, records: results } }\n`,
    );
    const { code, text } = await cli('adopt', SYNC);
    assert.equal(code, 3, text);
    assert.match(text, /hubspot contacts has no `search`: what is there cannot be looked up by email\. A run adopts it as it writes/);
  });
});
