import assert from 'node:assert/strict';
import { it } from 'node:test';
import { errorsOf } from '../../definition/load-project.ts';
import { printMistake } from '../../definition/mistake.ts';
import type { ServedQueues } from '../../definition/served-queues.ts';
import { GOOD, loadFiles } from './make-project.ts';

const FILES = {
  ...GOOD,
  'connections/crm.yaml': (GOOD['connections/crm.yaml'] ?? '').replace('  dev:\n', '  dev:\n    taskQueue: datacenter\n'),
};

it('a secret is needed only where its connection is talked to', (test) => {
  const errors = (served: ServedQueues) => errorsOf(loadFiles(test, FILES, { env: {}, served })).map(({ message }) => /the secret (\w+)/.exec(message)?.[1]);
  assert.deepEqual(errors('unnamed'), ['SHOP_TOKEN']);
  assert.deepEqual(errors(['datacenter']), ['CRM_TOKEN']);
  assert.deepEqual(errors('all'), ['CRM_TOKEN', 'SHOP_TOKEN']);
  const [warning] = loadFiles(test, FILES, { env: { SHOP_TOKEN: 'x' } }).mistakes.map(printMistake);
  assert.match(
    warning ?? '',
    /connections\/crm\.yaml:\d+:\d+ warning: .*the secret CRM_TOKEN is not set here; a worker of this connection's task queue needs it$/,
  );
});
