import { existsSync, type FSWatcher, watch } from 'node:fs';
import { join } from 'node:path';

const SETTLED_AFTER_MS = 250;
const FOLDERS = ['connections', 'syncs', 'connectors'];

/** Calls back with the definition files that changed, once they have been still for a moment (an editor writes more than once). */
export function watchDefinitions(project: string, onChange: (files: readonly string[]) => void): { close(): void } {
  const watchers = new Map<string, FSWatcher>();
  const changed = new Set<string>();
  let timer: NodeJS.Timeout | undefined;

  const note = (file: string) => {
    changed.add(file);
    clearTimeout(timer);
    timer = setTimeout(() => {
      const files = [...changed];
      changed.clear();
      onChange(files);
    }, SETTLED_AFTER_MS);
  };
  const watchFolder = (folder: string) => {
    if (watchers.has(folder) || !existsSync(join(project, folder))) return;
    const watcher = watch(join(project, folder), (_, file) => {
      if (folder === '' && file !== null && FOLDERS.includes(file)) watchFolder(file);
      if (file !== null && isDefinition(folder, file)) note(join(folder, file));
    });
    // A folder that goes is watched again when it comes back.
    const forget = () => watchers.delete(folder);
    watcher.on('error', forget).on('close', forget);
    watchers.set(folder, watcher);
  };

  for (const folder of ['', ...FOLDERS]) watchFolder(folder);
  return {
    close: () => {
      clearTimeout(timer);
      for (const watcher of [...watchers.values()]) watcher.close();
    },
  };
}

function isDefinition(folder: string, file: string): boolean {
  return folder === '' ? /^(syncline\.ya?ml|\.env)$/.test(file) : /^[^.].*\.ya?ml$/.test(file);
}
