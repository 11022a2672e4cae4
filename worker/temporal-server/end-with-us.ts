import { spawn } from 'node:child_process';

/** Waits on its stdin: a line means that all is well, an end without one that we are gone. Then the process group is asked to end, and after ten seconds made to. */
const WATCHER = `read -r line && exit
kill -s TERM -- "-$1" || exit
for second in 1 2 3 4 5 6 7 8 9 10; do sleep 1; kill -s 0 -- "-$1" || exit; done
kill -s KILL -- "-$1"`;

/**
 * Makes a process group end when this process does, even by SIGKILL: a shell in a session of its own holds the other end of a pipe, which only our end closes.
 * @param group the id of a process spawned with `detached: true`
 * @returns release: to be called once the group has ended
 */
export function endWithUs(group: number): () => void {
  const watcher = spawn('/bin/sh', ['-c', WATCHER, 'syncline-watcher', String(group)], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  watcher.on('error', () => undefined);
  watcher.stdin.on('error', () => undefined);
  watcher.unref();
  if ('unref' in watcher.stdin && typeof watcher.stdin.unref === 'function') watcher.stdin.unref();
  return () => watcher.stdin.end('done\n');
}
