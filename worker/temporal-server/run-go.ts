import { spawn } from 'node:child_process';
import { endWithUs } from './end-with-us.ts';

/** As much of Go's own words as a sentence can hold. */
const LONGEST_REASON = 300;

/** Runs one Go command; it and its compilers end when we do. @throws Error with the reason that Go gave */
export function runGo(
  args: readonly string[],
  { folder, env, signal }: { folder: string; env: NodeJS.ProcessEnv; signal: AbortSignal | undefined },
): Promise<void> {
  const child = spawn('go', args, {
    cwd: folder,
    // Whatever Go is there fetches the one that go.mod asks for.
    env: { ...env, GOTOOLCHAIN: 'auto', GOFLAGS: '-mod=mod -buildvcs=false', GOWORK: 'off' },
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  });
  const release = child.pid === undefined ? () => undefined : endWithUs(child.pid);
  const abort = () => child.pid !== undefined && process.kill(-child.pid, 'SIGKILL');
  signal?.addEventListener('abort', abort);
  let words = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (words = (words + text).slice(-4_000)));
  return new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => (code === 0 ? resolve() : reject(new Error(`go ${args.slice(0, 2).join(' ')} failed: ${reasonIn(words)}`))));
  }).finally(() => {
    signal?.removeEventListener('abort', abort);
    release();
  });
}

function reasonIn(words: string): string {
  const lines = words.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('go: downloading') && !line.startsWith('go: finding'));
  return (lines.at(-1) ?? 'it was ended').trim().slice(0, LONGEST_REASON);
}
