import type { ResolvedSync } from './resolved.ts';
import { modeOf } from './sync-mode.ts';

/** What is another in a definition than before. */
export interface DefinitionChange {
  /** `mapping: jobtitle added, phone changed`; in the order of a definition. */
  readonly parts: readonly string[];
  /** It changes what every record is sent as, or which records are sent: also those that stay the same in the source. */
  readonly isOfEveryRecord: boolean;
}

/** @returns undefined where nothing that a run depends on is another */
export function describeChange(before: ResolvedSync, after: ResolvedSync): DefinitionChange | undefined {
  const [old, now] = [before.sync, after.sync];
  const records = [
    ...namesChanged('mapping', old.mapping, now.mapping),
    ...namesChanged('lookups', old.lookups, now.lookups),
    ...valueChanged('source.object', `${old.source.connection} ${old.source.object}`, `${now.source.connection} ${now.source.object}`),
    ...valueChanged('source.primaryKey', old.source.primaryKey, now.source.primaryKey),
    ...valueChanged('source.filter', old.source.filter, now.source.filter),
    ...valueChanged('target.object', `${old.target.connection} ${old.target.object}`, `${now.target.connection} ${now.target.object}`),
    ...valueChanged('target.matchOn', old.target.matchOn, now.target.matchOn),
  ];
  const others = [
    ...valueChanged('target.mode', modeOf(old.target), modeOf(now.target)),
    ...valueChanged('conflict.policy', before.conflict.policy, after.conflict.policy),
    ...valueChanged('delete.scope', before.deleteScope, after.deleteScope),
    ...namesChanged('guard', before.deleteGuard, after.deleteGuard),
    ...namesChanged('connections', before.connections, after.connections),
  ];
  const parts = [...records, ...others];
  return parts.length === 0 ? undefined : { parts, isOfEveryRecord: records.length > 0 };
}

type Named = Readonly<Record<string, unknown>>;

function namesChanged(of: string, before: Named, after: Named): readonly string[] {
  const words = [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((name) => {
    if (!Object.hasOwn(before, name)) return [`${name} added`];
    if (!Object.hasOwn(after, name)) return [`${name} removed`];
    return JSON.stringify(before[name]) === JSON.stringify(after[name]) ? [] : [`${name} changed`];
  });
  return words.length === 0 ? [] : [`${of}: ${words.join(', ')}`];
}

function valueChanged(of: string, before: string | undefined, after: string | undefined): readonly string[] {
  return before === after ? [] : [`${of}: ${before ?? 'none'} → ${after ?? 'none'}`];
}
