import { fileURLToPath } from 'node:url';

const EXTENSION = import.meta.url.endsWith('.ts') ? '.ts' : '.js';

/** A program of another room (`worker/main`), as source in the clone, compiled in the package. */
export function programFile(name: 'worker/main' | 'worker/temporal-main' | 'listener/main' | 'sandbox/main'): string {
  return fileURLToPath(new URL(`../../${name}${EXTENSION}`, import.meta.url));
}
