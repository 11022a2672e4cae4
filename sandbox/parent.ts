import { fstatSync } from 'node:fs';

const LOOK_EVERY_MS = 500;

/**
 * Tells when the program that started this one is gone, however it ended: a pipe from it ends with it.
 * @param isWatched where stdin is no pipe, look whether this process has another parent by now
 */
export function whenParentEnds(isWatched: boolean, end: () => void): void {
  const stdin = fstatSync(0);
  if (stdin.isFIFO() || stdin.isSocket()) process.stdin.on('end', end).on('error', end).resume();
  else if (isWatched) {
    const parent = process.ppid;
    setInterval(() => process.ppid !== parent && end(), LOOK_EVERY_MS).unref();
  }
}
