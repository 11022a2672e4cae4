// Runs on the machine's own Node (20 or newer), with no dependencies: installs what package-lock.json names, then goes on under Node 24.
// Usage: node scripts/bootstrap.mjs PROGRAM.ts [arguments]
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, lstatSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const NEEDED_NODE = 24;
const isWindows = process.platform === 'win32';
const root = fileURLToPath(new URL('..', import.meta.url));
const modules = join(root, 'node_modules');
const stampFile = join(modules, '.syncline-stamp');
/** What npm tells the programs it runs about itself and its own command; it would mislead the npm that we start. */
const NOT_PASSED_ON = /^npm_(lifecycle|package|command|execpath|node_execpath|config_(dry_run|global|local_prefix|omit|only|production|prefix|workspaces?)$)/i;

const [program, ...args] = process.argv.slice(2);
if (program === undefined) stop(2, 'Usage: node scripts/bootstrap.mjs PROGRAM.ts [arguments]');
const lock = readFileSync(join(root, 'package-lock.json'));
const stamp = createHash('sha256').update(lock).digest('hex');
if (!isStamped()) {
  if (!isInstalledByHand()) install();
  writeFileSync(stampFile, stamp);
}
linkOwnCommand();
run(findNode(), [join(root, program), ...args]);

function isStamped() {
  return existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp;
}

/** What npm noted of its last install here has every package of the lock file, those for other platforms aside. */
function isInstalledByHand() {
  const noted = join(modules, '.package-lock.json');
  if (!existsSync(noted)) return false;
  const installed = JSON.parse(readFileSync(noted, 'utf8')).packages;
  return Object.entries(JSON.parse(lock.toString('utf8')).packages).every(
    ([path, wanted]) => !path.startsWith('node_modules/') || wanted.optional === true || (path in installed && installed[path].version === wanted.version),
  );
}

function install() {
  const startedAt = Date.now();
  process.stderr.write('  Installing packages … ');
  // Not "npm ci": it refuses a lock file that was written where the optional packages of other platforms could not be had.
  const npm = runNpm(['install', '--no-save', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'], root);
  if (npm.status !== 0) stop(1, `failed\n\n${npm.stdout ?? ''}${npm.stderr ?? ''}${npmFailure(npm)}`);
  process.stderr.write(`done in ${Math.round((Date.now() - startedAt) / 1000)} s\n`);
}

/** npm links the commands of dependencies, not a package's own: `npx syncline` is to work in the clone as well. */
function linkOwnCommand() {
  const link = join(modules, '.bin', 'syncline');
  if (isWindows || lstatSync(link, { throwIfNoEntry: false }) !== undefined) return;
  mkdirSync(join(modules, '.bin'), { recursive: true });
  symlinkSync('../../client/bin.mjs', link);
}

/** This Node where it is new enough, else the one of the npm package "node". */
function findNode() {
  if (majorVersion() >= NEEDED_NODE && existsSync(process.execPath)) return process.execPath;
  const packaged = join(modules, 'node', 'bin', 'node');
  return runs(packaged) ? packaged : fetchNode();
}

/** The package "node" brings its binary by an install script. Where those are restricted, the package that the script would fetch is installed as it is. */
function fetchNode() {
  const name = `${process.platform === 'darwin' && process.arch === 'arm64' ? 'node-bin' : 'node'}-${isWindows ? 'win' : process.platform}-${process.arch}`;
  const folder = join(modules, '.syncline-node');
  const binary = join(folder, 'node_modules', name, 'bin', isWindows ? 'node.exe' : 'node');
  if (runs(binary)) return binary;
  const manifest = join(modules, 'node', 'package.json');
  if (existsSync(manifest)) {
    const { version } = JSON.parse(readFileSync(manifest, 'utf8'));
    process.stderr.write(`  Fetching Node ${version} … `);
    mkdirSync(folder, { recursive: true });
    const npm = runNpm(
      ['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', '--prefix', folder, `${name}@${version}`],
      folder,
    );
    process.stderr.write(npm.status === 0 ? 'done\n' : `failed\n\n${npm.stderr ?? ''}${npmFailure(npm)}\n`);
    if (npm.status === 0 && runs(binary)) return binary;
  }
  stop(
    1,
    `  Node ${NEEDED_NODE} is needed and this is ${process.versions.node}. The npm package "node" brought none, as it does where install scripts are not allowed,\n` +
      `  and ${name} could not be had from the registry. Either install Node ${NEEDED_NODE} (https://nodejs.org), or allow the script of that package and try again:\n` +
      '  npm rebuild node --ignore-scripts=false',
  );
}

function run(node, nodeArgs) {
  // What the program starts by name is to be the same Node.
  const child = spawn(node, nodeArgs, { stdio: 'inherit', env: { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env.PATH ?? ''}` } });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    // A terminal sends Ctrl-C to both; passed on, it would come twice and mean "at once".
    process.on(signal, () => (signal === 'SIGINT' && process.stdin.isTTY === true) || child.kill(signal));
  }
  child.once('error', (error) => stop(1, `  ${node} does not start: ${error.message}`));
  child.once('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
}

function runNpm(npmArgs, cwd) {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !NOT_PASSED_ON.test(name)));
  return spawnSync('npm', npmArgs, { cwd, env, encoding: 'utf8', shell: isWindows });
}

function npmFailure({ error, signal }) {
  if (error?.code === 'ENOENT') return '  There is no npm on PATH: it comes with Node (https://nodejs.org).';
  return error?.message ?? (signal === null ? '' : `  npm was ended by ${signal}.`);
}

function runs(node) {
  return existsSync(node) && spawnSync(node, ['--version']).status === 0;
}

function majorVersion() {
  return Number(process.versions.node.split('.')[0]);
}

function stop(code, text) {
  process.stderr.write(`${text}\n`);
  process.exit(code);
}
