import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { makeTemporaryFolder } from '../../connectors/rest/temporary-folder.ts';

it('the records that a killed process has left on the disk are removed by the next one, also where that has its id; those of a living one stay', (context) => {
  const [before, temporary] = [process.env['TMPDIR'], mkdtempSync(join(tmpdir(), 'syncline-temporary-'))];
  process.env['TMPDIR'] = temporary;
  context.after(() => {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
    rmSync(temporary, { recursive: true });
  });
  const { pid: dead } = spawnSync(process.execPath, ['--version']);
  const folderOf = (host: string, pid: number) => {
    const folder = join(temporary, `syncline-records-${host}-${pid}-abc`);
    mkdirSync(folder);
    writeFileSync(join(folder, 'records'), 'ada@example.test\n');
    return folder;
  };
  const [left, ofTheLiving, ofAnother] = [folderOf(hostname(), dead), folderOf(hostname(), process.ppid), folderOf('another', dead)];
  // As in a container that is started again.
  const ofOurId = folderOf(hostname(), process.pid);
  const made = makeTemporaryFolder();
  assert.deepEqual([left, ofOurId, ofTheLiving, ofAnother, made, makeTemporaryFolder(), made].map(existsSync), [false, false, true, true, true, true, true]);
});
