import { mkdirSync, writeFileSync } from 'node:fs';
import { CliError } from '../cli-error.ts';
import { EXIT } from '../exit-codes.ts';

/** @param folder that is made where it is not there yet */
export function writePage(file: string, text: string, folder?: string): void {
  try {
    if (folder !== undefined) mkdirSync(folder, { recursive: true });
    writeFileSync(file, text);
  } catch (cause) {
    const why = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
    throw new CliError({ exitCode: EXIT.usage, code: 'USAGE', message: `${file} cannot be written${why}. Name another place with --out.`, cause });
  }
}
