import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode } from '@temporalio/worker';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** The product as it is shipped, compiled from the sources as they are now, with its workflows bundled ahead. @returns the folder of its rooms */
export async function compile(folder: string): Promise<string> {
  const rooms = join(folder, 'dist');
  mkdirSync(rooms, { recursive: true });
  cpSync(join(ROOT, 'package.json'), join(folder, 'package.json'));
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const arguments_ = ['-p', 'tsconfig.build.json', '--noCheck', '--declaration', 'false', '--outDir', rooms];
  const compiled = spawnSync(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), ...arguments_], { cwd: ROOT, encoding: 'utf8' });
  if (compiled.status !== 0) throw new Error(`The product does not compile: ${compiled.stdout}${compiled.stderr}`);
  cpSync(join(ROOT, 'connectors/manifests'), join(rooms, 'connectors/manifests'), { recursive: true });
  const silent = () => undefined;
  const logger = { log: silent, trace: silent, debug: silent, info: silent, warn: silent, error: silent };
  const { code } = await bundleWorkflowCode({ workflowsPath: join(rooms, 'workflows/index.js'), logger });
  writeFileSync(join(rooms, 'workflow-bundle.js'), code);
  return rooms;
}
