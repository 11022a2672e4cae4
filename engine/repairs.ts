import type { SyncMode } from './outcome.ts';
import type { FindingKind } from './reconcile.ts';

/** What a run does about what it finds in the target other than it was written. */
export interface Repairs {
  /** It is written again. */
  readonly repair: boolean;
  /** But for that. */
  readonly leaves?: Left | undefined;
}

type Left = Extract<FindingKind, 'missing' | 'changed'>;

/** What no write of a mode puts right: insert writes over nothing, and update makes nothing. */
export function leftBy(mode: SyncMode): Left | undefined {
  return mode === 'insert' ? 'changed' : mode === 'update' ? 'missing' : undefined;
}

/** What is put right by sending a record again. */
export function repairedKinds(mode: SyncMode): readonly FindingKind[] {
  const kinds: readonly FindingKind[] = mode === 'insert' ? ['missing'] : ['missing', 'changed', 'stale'];
  return kinds.filter((kind) => kind !== leftBy(mode));
}

/** Of what was found, how many records are written again, and how many stay as they are. */
export function divideFound(found: Readonly<Record<Left, number>>, { repair, leaves }: Repairs): { readonly repaired: number; readonly left: number } {
  const all = found.missing + found.changed;
  const left = !repair ? all : leaves === undefined ? 0 : found[leaves];
  return { repaired: all - left, left };
}
