import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode } from '@temporalio/worker';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The workflow bundle of another build: of the sources as they are, but for one file of `workflows/`. @returns its code */
export async function changedBundle(file: string, changes: readonly (readonly [before: string, after: string])[]): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'syncline-build-'));
  try {
    for (const room of ['workflows', 'engine']) cpSync(join(ROOT, room), join(directory, room), { recursive: true });
    for (const name of ['package.json', 'tsconfig.json']) cpSync(join(ROOT, name), join(directory, name));
    symlinkSync(join(ROOT, 'node_modules'), join(directory, 'node_modules'));
    const path = join(directory, 'workflows', file);
    const changed = changes.reduce(
      (text, [before, after]) => {
        assert.equal(text.split(before).length, 2, `${file} is to have once: ${before}`);
        return text.replace(before, after);
      },
      readFileSync(path, 'utf8'),
    );
    writeFileSync(path, changed);
    return (await bundleWorkflowCode({ workflowsPath: join(directory, 'workflows/index.ts'), logger: quiet })).code;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

const silent = () => undefined;
const quiet = { log: silent, trace: silent, debug: silent, info: silent, warn: silent, error: silent };
