import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The SYNCLINE_ variables that the product reads: its texts never have a name alone in quotes. */
export function settingsThatCodeReads(): ReadonlySet<string> {
  const files = ['client', 'worker', 'listener', 'definition', 'ledger'].flatMap((room) => globSync(`${room}/**/*.ts`, { cwd: ROOT }));
  return new Set(files.flatMap((file) => readFileSync(join(ROOT, file), 'utf8').match(/(?<=')SYNCLINE_\w+(?=')/g) ?? []));
}
