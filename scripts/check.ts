import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { styleText } from 'node:util';

/** `npm run check`: everything that is right or wrong without running the product. `--fix` formats. */
const root = fileURLToPath(new URL('..', import.meta.url));
const bin = (name: string) => join(root, 'node_modules/.bin', name);
const ROOMS = ['engine', 'definition', 'http', 'connectors', 'ledger', 'payloads', 'activities', 'workflows', 'worker', 'client', 'listener', 'sandbox'];

interface Step {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
}

const STEPS: readonly Step[] = [
  { name: 'format and lint', command: [bin('biome'), 'ci', '--colors=off', '--error-on-warnings', '.'] },
  { name: 'types', command: [bin('tsc'), '-p', '.'] },
  { name: 'walls', command: [bin('depcruise'), '--config', '.dependency-cruiser.mjs', '--output-type', 'err-long', ...ROOMS, 'scripts', 'test'] },
  { name: 'dead code', command: [bin('knip'), '--no-progress'] },
  { name: 'docs fresh', command: [process.execPath, 'scripts/docs-definitions.ts', '--check'] },
  { name: 'promises and clock', command: [bin('eslint'), '--no-warn-ignored', '.'] },
];
const AT_ONCE = 2;

if (process.argv.includes('--fix')) {
  const { code, output } = await run([bin('biome'), 'check', '--write', '.']);
  process.stdout.write(output);
  process.exit(code);
}

let failures = 0;
const waiting = [...STEPS];
await Promise.all(Array.from({ length: AT_ONCE }, runSteps));
process.stdout.write(failures === 0 ? `\n  ${STEPS.length} checks passed.\n` : `\n  ${failures} of ${STEPS.length} checks failed.\n`);
process.exit(failures === 0 ? 0 : 1);

async function runSteps(): Promise<void> {
  for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) {
    const startedAt = Date.now();
    const { code, output } = await run(step.command);
    const seconds = `${((Date.now() - startedAt) / 1000).toFixed(1)} s`;
    const mark = code === 0 ? styleText('green', '✓') : styleText('red', '✗');
    process.stdout.write(`  ${mark} ${step.name.padEnd(20)} ${seconds.padStart(7)}\n`);
    if (code !== 0) {
      failures += 1;
      process.stdout.write(`\n${output}\n`);
    }
  }
}

function run([command, ...args]: Step['command']): Promise<{ readonly code: number; readonly output: string }> {
  const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code: code ?? 1, output })));
}
