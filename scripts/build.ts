import { spawnSync } from 'node:child_process';
import { cpSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode } from '@temporalio/worker';

/** `npm run build`: what the package ships. Node strips no types under node_modules, so everything is compiled; workflows are bundled ahead. */
const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');

rmSync(dist, { recursive: true, force: true });
const compiled = spawnSync(join(root, 'node_modules/.bin/tsc'), ['-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' });
if (compiled.status !== 0) process.exit(1);
cpSync(join(root, 'connectors/manifests'), join(dist, 'connectors/manifests'), { recursive: true });
for (const room of ['page', 'run-page', 'trend-page']) cpSync(join(root, 'client', room, 'assets'), join(dist, 'client', room, 'assets'), { recursive: true });
const silent = () => undefined;
const bundle = async (more: { readonly failureConverterPath?: string }) =>
  bundleWorkflowCode({
    workflowsPath: join(dist, 'workflows/index.js'),
    ...more,
    logger: { log: silent, trace: silent, debug: silent, info: silent, warn: silent, error: silent },
  });
writeFileSync(join(dist, 'workflow-bundle.js'), (await bundle({})).code);
writeFileSync(join(dist, 'workflow-bundle.encrypted.js'), (await bundle({ failureConverterPath: join(dist, 'payloads/failure-converter.js') })).code);
process.stdout.write(`  built ${dist}\n`);
