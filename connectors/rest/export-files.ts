import { mkdtempSync, rmSync } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A file that nobody reads from for so long is fetched again by who goes on. */
const IDLE_MS = 600_000;
/** So many at once; the one that was read longest ago makes room. */
const MOST_FILES = 8;

interface KeptFile {
  readonly folder: string;
  readonly ready: Promise<{ readonly path: string; readonly size: number }>;
  timer: NodeJS.Timeout;
}

/** What exports gave, in temporary files of this process while they are read page by page. Whoever goes on elsewhere fetches them again. */
const files = new Map<string, KeptFile>();

/** @param fetch writes the file; called once, however many ask */
export async function exportFile(name: string, fetch: (path: string) => Promise<unknown>): Promise<{ readonly path: string; readonly size: number }> {
  const known = files.get(name);
  const file = known ?? open(name, fetch);
  clearTimeout(file.timer);
  file.timer = setTimeout(() => dropExportFile(name), IDLE_MS).unref();
  files.delete(name);
  files.set(name, file);
  try {
    return await file.ready;
  } catch (error) {
    dropExportFile(name);
    throw error;
  }
}

function open(name: string, fetch: (path: string) => Promise<unknown>): KeptFile {
  if (files.size === 0) process.once('exit', dropAll);
  const folder = mkdtempSync(join(tmpdir(), 'syncline-export-'));
  const path = join(folder, 'rows');
  const ready = fetch(path).then(async () => ({ path, size: (await stat(path)).size }));
  ready.catch(() => undefined);
  const [oldest] = files.size >= MOST_FILES ? files.keys() : [];
  if (oldest !== undefined) dropExportFile(oldest);
  const file = { folder, ready, timer: setTimeout(() => undefined, 0) };
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
