import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { until } from '../support/until.ts';
import { Listening, send, signed } from './listening.ts';

const PROGRAM = fileURLToPath(new URL('./dying-listener.ts', import.meta.url));
const BODY = '{"type":"changed","id":7}';

it('a listener that is killed after a delivery is accepted and before it is answered: the sender sends again, and it counts once', async () => {
  const listening = await Listening.start();
  await listening.stop();
  const child = spawn(process.execPath, [PROGRAM, listening.directory], { stdio: ['pipe', 'pipe', 'inherit'] });
  try {
    const exited = once(child, 'exit');
    const [url] = await once(createInterface({ input: child.stdout }), 'line');
    const headers = signed(BODY);
    await assert.rejects(send(`${String(url)}/webhooks/crm`, { headers, body: BODY }), { code: 'ECONNRESET' });
    assert.deepEqual(await exited, [null, 'SIGKILL']);
    await listening.listen();
    const told = await send(`${listening.url}/webhooks/crm`, { headers, body: BODY });
    assert.deepEqual([told.status, told.text], [200, '{"events":0}']);
    assert.deepEqual(
      (await listening.due('contacts')).map(({ key, ids }) => [key, ids.length]),
      [['7', 1]],
    );
    await until('a wake', () => listening.wakes.includes('contacts'));
  } finally {
    child.kill('SIGKILL');
    await listening.end();
  }
});
