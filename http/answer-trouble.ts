import { SyncError } from '../engine/errors.ts';

/** How large an answer may be, unpacked. */
export interface SizeCap {
  /** Connection name, for messages. */
  readonly name: string;
  readonly maxBytes: number;
}

export function tooLarge({ name, maxBytes }: SizeCap): SyncError {
  const size = maxBytes >= 1_000_000 ? `${Math.round(maxBytes / 1_000_000)} MB` : `${Math.round(maxBytes / 1_000)} KB`;
  return broken(`${name} answered more than ${size}: ask for smaller pages, or raise maxAnswerBytes.`);
}

export function broken(message: string, cause?: unknown): SyncError {
  return new SyncError({ code: 'CONTRACT_BROKEN', retry: 'never', message, cause });
}

export function stoppedMidway(name: string): SyncError {
  return new SyncError({ code: 'SYSTEM_UNAVAILABLE', retry: 'backoff', message: `The answer of ${name} stopped midway. Syncline tries again.` });
}
