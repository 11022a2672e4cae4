import { rmSync } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { makeTemporaryFolder } from './temporary-folder.ts';

/** A file that nobody reads from for so long is fetched again by who goes on. */
const IDLE_MS = 600_000;
/** Where there are more, one that nobody has read from for a while makes room; those that are read side by side never do. */
const MANY_FILES = 8;
const UNREAD_MS = 60_000;

interface KeptFile {
  readonly folder: string;
  readonly ready: Promise<{ readonly path: string; readonly size: number }>;
  timer: NodeJS.Timeout;
  readAt: number;
}

/** What exports gave, in temporary files of this process while they are read page by page. Whoever goes on elsewhere fetches them again. */
const files = new Map<string, KeptFile>();

/** @param fetch writes the file; called once, however many ask */
export async function exportFile(name: string, fetch: (path: string) => Promise<unknown>): Promise<{ readonly path: string; readonly size: number }> {
  const known = files.get(name);
  const file = known ?? open(name, fetch);
  clearTimeout(file.timer);
  file.timer = setTimeout(() => dropExportFile(name), IDLE_MS).unref();
  file.readAt = performance.now();
  try {
    return await file.ready;
  } catch (error) {
    dropExportFile(name);
    throw error;
  }
}

function open(name: string, fetch: (path: string) => Promise<unknown>): KeptFile {
  if (files.size === 0) process.once('exit', dropAll);
  const folder = makeTemporaryFolder();
  const path = join(folder, 'rows');
  const ready = fetch(path).then(async () => ({ path, size: (await stat(path)).size }));
  ready.catch(() => undefined);
  const unread = [...files].filter(([, file]) => performance.now() - file.readAt > UNREAD_MS).map(([other]) => other);
  if (files.size >= MANY_FILES) for (const other of unread) dropExportFile(other);
  const file = { folder, ready, timer: setTimeout(() => undefined, 0), readAt: performance.now() };
  files.set(name, file);
  return file;
}

/** All is read, or it is not wanted any more. */
export function dropExportFile(name: string): void {
  const file = files.get(name);
  if (file === undefined) return;
  clearTimeout(file.timer);
  files.delete(name);
  if (files.size === 0) process.removeListener('exit', dropAll);
  // Whoever has it open reads on.
  rm(file.folder, { recursive: true, force: true }).catch(() => undefined);
}

function dropAll(): void {
  for (const { folder } of files.values()) rmSync(folder, { recursive: true, force: true });
}
