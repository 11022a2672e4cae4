import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Runs the real command line in a project, its lines indented under the demo's own. @returns its exit code */
export function syncline(project: string, env: Readonly<Record<string, string>>, ...words: readonly string[]): Promise<number> {
  const cli = fileURLToPath(new URL('../../client/main.ts', import.meta.url));
  const child = spawn(process.execPath, [cli, ...words, '--project', project], {
    env: { ...process.env, ...env, ...(process.stdout.isTTY === true ? { FORCE_COLOR: '1' } : {}) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8');
    let rest = '';
    stream.on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) process.stdout.write(`  ${line}\n`);
    });
    stream.on('end', () => rest !== '' && process.stdout.write(`  ${rest}\n`));
  }
  return new Promise((resolve) => child.once('close', (code) => resolve(code ?? 1)));
}
