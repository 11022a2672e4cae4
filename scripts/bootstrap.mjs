// Runs on the machine's own Node (20 or newer), with no dependencies: installs what package-lock.json names, then goes on under the Node of the npm package "node".
// Usage: node scripts/bootstrap.mjs PROGRAM.ts [arguments]
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const NEEDED_NODE = 24;
const root = fileURLToPath(new URL('..', import.meta.url));
const modules = join(root, 'node_modules');
const stampFile = join(modules, '.syncline-stamp');
const stamp = createHash('sha256')
  .update(readFileSync(join(root, 'package-lock.json')))
  .digest('hex');

if (!existsSync(stampFile) || readFileSync(stampFile, 'utf8') !== stamp) install();
linkOwnCommand();
const node = findNode();
const [program, ...args] = process.argv.slice(2);
run(node, [join(root, program ?? ''), ...args]);

function install() {
  const startedAt = Date.now();
  process.stderr.write('  Installing packages … ');
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('npm_')));
  // Not "npm ci": it refuses a lock file that was written where the optional packages of other platforms could not be had.
  const npm = spawnSync('npm', ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    env,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  if (npm.status !== 0) {
    process.stderr.write(`failed\n\n${npm.stdout ?? ''}${npm.stderr ?? npm.error?.message ?? ''}\n`);
    process.exit(1);
  }
  writeFileSync(stampFile, stamp);
  process.stderr.write(`done in ${Math.round((Date.now() - startedAt) / 1000)} s\n`);
}

/** npm links the commands of dependencies, not a package's own: `npx syncline` is to work in the clone as well. */
function linkOwnCommand() {
  const link = join(modules, '.bin', 'syncline');
  if (existsSync(link) || process.platform === 'win32') return;
  mkdirSync(join(modules, '.bin'), { recursive: true });
  symlinkSync('../../client/bin.mjs', link);
}

function findNode() {
  if (Number(process.versions.node.split('.')[0]) >= NEEDED_NODE) return process.execPath;
  const packaged = join(modules, 'node', 'bin', 'node');
  if (existsSync(packaged) && spawnSync(packaged, ['--version']).status === 0) return packaged;
  process.stderr.write(
    `  Node ${NEEDED_NODE} is needed, this is ${process.versions.node}, and the npm package "node" brought none: are install scripts switched off?\n`,
  );
  process.stderr.write(`  Allow them (npm config set ignore-scripts false) and remove node_modules, or install Node ${NEEDED_NODE}.\n`);
  process.exit(1);
}

function run(command, commandArgs) {
  const path = `${join(modules, 'node', 'bin')}:${process.env.PATH ?? ''}`;
  const child = spawn(command, commandArgs, { stdio: 'inherit', env: { ...process.env, PATH: path } });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.once('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)));
}
