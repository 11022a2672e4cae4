import type { Source, SourceRecord } from '../../connectors/ports.ts';
import type { ResolvedSync } from '../../definition/resolved.ts';
import { readSource } from '../planning/read-source.ts';

/**
 * One record as the source has it now: asked for by its key, or found in the list where the API has no get.
 * @param onProgress told how many records of the list were read
 * @returns undefined where the source does not have it
 */
export async function findRecord(
  definition: ResolvedSync,
  source: Source,
  { key, signal, onProgress }: { readonly key: string; readonly signal: AbortSignal; readonly onProgress: (read: number) => void },
): Promise<SourceRecord | undefined> {
  if (source.readOne !== undefined) return source.readOne(key, signal);
  let read = 0;
  for await (const { records } of readSource(definition, source, undefined, signal)) {
    const found = records.find((record) => record.key === key);
    if (found !== undefined) return found;
    read += records.length;
    onProgress(read);
  }
  return undefined;
}
