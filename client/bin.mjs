#!/usr/bin/env node
// Dependency-free and fit for Node 20: finds a Node of 24 or newer, and goes on there with the real program.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const LEAST_NODE = 24;
const here = dirname(fileURLToPath(import.meta.url));
// A clone has the sources; an installed package has what was compiled from them.
const source = join(here, 'main.ts');
const isInstalled = here.split(/[\\/]/).includes('node_modules');
const program = !isInstalled && existsSync(source) ? source : join(here, '..', 'dist', 'client', 'main.js');

if (Number(process.versions.node.split('.')[0]) >= LEAST_NODE) {
  await import(pathToFileURL(program).href);
} else {
  goOnInNewerNode();
}

function goOnInNewerNode() {
  const child = spawn(findNode(), [program, ...process.argv.slice(2)], { stdio: 'inherit' });
  // A terminal sends Ctrl-C to both; the program decides what it means, this launcher only waits for it.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  process.on('SIGHUP', () => child.kill('SIGHUP'));
  child.on('error', (error) => fail(error.message));
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

function findNode() {
  try {
    const packageFile = createRequire(import.meta.url).resolve('node/package.json');
    const binary = join(dirname(packageFile), 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
    if (existsSync(binary)) return binary;
  } catch {
    // Answered below.
  }
  return fail(
    `Syncline needs Node ${LEAST_NODE} or newer; this is Node ${process.versions.node}. Install a newer one, or run "npm install" beside syncline again: it brings its own.`,
  );
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
