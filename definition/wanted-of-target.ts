import { compileExpression } from '../engine/expression.ts';
import type { ResolvedSync } from './resolved.ts';

/** Which fields of a target record a sync compares with what it writes, or reads of it beside. */
export function wantedOfTarget({ sync, conflict }: Pick<ResolvedSync, 'sync' | 'conflict'>): readonly string[] {
  const { targetTime } = conflict;
  return [...Object.keys(sync.mapping), ...(targetTime === undefined ? [] : compileExpression(targetTime).paths)];
}
