import { parseDuration } from '../engine/duration.ts';
import type { ResolvedSync } from './resolved.ts';

/** How long the events of a record are gathered, in ms. */
export function settleOf({ sync }: ResolvedSync): number {
  return parseDuration(sync.source.events?.settle ?? '') ?? 0;
}
