import type { JsonObject } from '../engine/json.ts';
import type { SyncMode } from '../engine/outcome.ts';
import type { Sync } from './schema/sync.ts';

type Target = Pick<Sync['target'], 'mode'>;

/** The mode by its name, without its settings. */
export function modeOf({ mode }: Target): SyncMode {
  return typeof mode === 'string' ? mode : 'archive';
}

/** Whether records that the source no longer has are taken from the target. */
export function takesAway(target: Target): boolean {
  return modeOf(target) === 'mirror' || modeOf(target) === 'archive';
}

/** What a record that has gone is changed to; undefined where it is deleted. */
export function archivedFields({ mode }: Target): JsonObject | undefined {
  return typeof mode === 'string' ? undefined : mode.archive.set;
}
