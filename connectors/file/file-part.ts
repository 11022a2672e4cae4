import { SyncError } from '../../engine/errors.ts';
import type { JsonObject } from '../../engine/json.ts';
import type { UnreadableRecord } from '../ports.ts';
import type { FilePlace } from './file-place.ts';

/** What is to be read of a file. */
export interface PartRequest {
  readonly path: string;
  /** As it is written, for messages. */
  readonly file: string;
  readonly place: Pick<FilePlace, 'at' | 'line' | 'columns'>;
  /** Records at most. */
  readonly limit: number;
  readonly signal: AbortSignal | undefined;
  /** Names the object in errors. */
  readonly where: string;
}

export interface FilePart {
  readonly rows: readonly { readonly fields: JsonObject; readonly line: number }[];
  readonly unreadable: readonly UnreadableRecord[];
  /** Where the next part begins. */
  readonly at: number;
  readonly line: number;
  readonly columns?: readonly (string | null)[];
  readonly isLast: boolean;
}

/** To be filled. */
export function shortPart(): { rows: { fields: JsonObject; line: number }[]; unreadable: UnreadableRecord[]; at: number } {
  return { rows: [], unreadable: [], at: 0 };
}

export function brokenFile(message: string): SyncError {
  return new SyncError({ code: 'CONTRACT_BROKEN', retry: 'never', message });
}
