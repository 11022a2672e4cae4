import type { Rejection } from './errors.ts';
import type { JsonObject } from './json.ts';
import { matchFields, matchValue } from './match-fields.ts';
import type { ChangeKind, HoldReason, SyncMode } from './outcome.ts';

/** What the decision needs to know of a record that was met before; the ledger's RecordState has it. */
export interface KnownRecord {
  readonly targetId?: string;
  /** Of what the target was last told; absent where it was never told. */
  readonly contentHash?: string;
  readonly match?: string;
  /** The content last rejected. */
  readonly rejectedHash?: string;
  readonly rejection?: Rejection;
  /** When a rejection that may pass is tried again. */
  readonly retryAt?: number;
  /** A write whose answer was lost, not yet resolved. */
  readonly hasUnknown: boolean;
}

/** Which kinds of change the target takes. */
export interface TargetAbilities {
  readonly upsert: boolean;
  readonly create: boolean;
  readonly update: boolean;
}

/** One record of a page, mapped. */
export interface MappedRecord {
  readonly key: string;
  /** Target fields. */
  readonly fields: JsonObject;
  readonly contentHash: string;
  /** The source record as read. */
  readonly source: JsonObject;
  readonly sourceVersion?: string | undefined;
  /** Bytes of the JSON of `fields`. */
  readonly bytes: number;
}

export interface ChangeInput {
  readonly record: MappedRecord;
  /** Undefined where the ledger never met the record. */
  readonly known: KnownRecord | undefined;
  /** The target field that identifies the record there. */
  readonly matchOn: string;
  readonly abilities: TargetAbilities;
  /** @default 'upsert' */
  readonly mode?: SyncMode | undefined;
  readonly now: number;
  /** A person asked: what was rejected before is sent again. @default false */
  readonly force?: boolean | undefined;
}

/** What is to be done about one record; the ledger's StagedRecord takes it as it is. */
export type Decision =
  | {
      readonly disposition: 'change';
      readonly key: string;
      readonly change: {
        readonly kind: ChangeKind;
        readonly fields: JsonObject;
        readonly contentHash: string;
        readonly match: string;
        readonly targetId?: string;
        readonly source: JsonObject;
        readonly sourceVersion?: string;
        readonly bytes: number;
      };
    }
  | { readonly disposition: 'unchanged'; readonly key: string }
  | { readonly disposition: 'skipped'; readonly key: string; readonly reason: 'exists' }
  | RejectedDecision
  | { readonly disposition: 'held'; readonly key: string; readonly reason: HoldReason; readonly message: string; readonly source: JsonObject };

export interface RejectedDecision {
  readonly disposition: 'rejected';
  readonly key: string;
  readonly rejection: Rejection;
  readonly source: JsonObject;
  readonly contentHash: string;
  /** Known from an earlier run with the same content. */
  readonly isRepeat: boolean;
}

/**
 * Decides what is to be done about a mapped record, from what the target was last told:
 * held while an earlier write of it is unknown; unchanged where the content is what the target has; rejected again where the same content was refused
 * and may not pass yet; skipped where the target has the record and only new ones are wanted; else a change.
 */
export function decideChange({ record, known, matchOn, abilities, mode = 'upsert', now, force = false }: ChangeInput): Decision {
  const { key, fields, contentHash, source } = record;
  if (known?.hasUnknown === true)
    return { disposition: 'held', key, reason: 'unknown', message: 'an earlier write of this record got no answer and is not yet resolved', source };
  if (known?.contentHash === contentHash) return { disposition: 'unchanged', key };
  if (mode === 'insert' && (known?.targetId ?? known?.contentHash) !== undefined) return { disposition: 'skipped', key, reason: 'exists' };
  const repeated = repeatedRejection(known, contentHash, now);
  if (repeated !== undefined && !force) return { disposition: 'rejected', key, rejection: repeated, source, contentHash, isRepeat: true };
  const match = matchValue(fields, matchOn);
  if (match === undefined) {
    return decideRejection(record, known, {
      reason: 'match-missing',
      message: `${matchOn} identifies the record in the target and has no value`,
      field: matchFields(matchOn).find((name) => matchValue(fields, name) === undefined) ?? matchOn,
      retry: 'never',
    });
  }
  const route = chooseRoute(known, match, abilities, { mode, isRepair: force && known?.contentHash === DOUBTED });
  if (route === undefined) {
    const message = known?.contentHash === undefined ? 'the target takes no new records of this object' : 'the target takes no updates of this object';
    return decideRejection(record, known, { reason: 'target-refuses-kind', message, retry: 'never' });
  }
  const { sourceVersion, bytes } = record;
  return {
    disposition: 'change',
    key,
    change: { ...route, fields, contentHash, match, source, ...(sourceVersion === undefined ? {} : { sourceVersion }), bytes },
  };
}

/** A record that the mapping or a rule of ours refused, before anything was sent. */
export function decideRejection(
  record: Pick<MappedRecord, 'key' | 'source' | 'contentHash'>,
  known: KnownRecord | undefined,
  rejection: Rejection,
): RejectedDecision {
  const { key, source, contentHash } = record;
  return { disposition: 'rejected', key, rejection, source, contentHash, isRepeat: known?.rejectedHash === contentHash };
}

function repeatedRejection(known: KnownRecord | undefined, contentHash: string, now: number): Rejection | undefined {
  if (known?.rejectedHash !== contentHash) return undefined;
  const { rejection, retryAt } = known;
  if (rejection?.retry === 'later') return retryAt !== undefined && retryAt > now ? rejection : undefined;
  return rejection ?? { reason: 'rejected-before', message: 'the same content was rejected in an earlier run', retry: 'never' };
}

/** Stands for the content of what the target was told and does not show so. */
const DOUBTED = 'doubted';

/**
 * The kind of change, and the id where it goes by id. An upsert finds its record by the match value: where that has changed, in the source or, of a record that is to be
 * repaired, perhaps in the target, only an update by id reaches the record that the target
 * has, and an upsert would make a second one. What the target has been told is never created.
 */
function chooseRoute(
  known: KnownRecord | undefined,
  match: string,
  abilities: TargetAbilities,
  { mode, isRepair }: { readonly mode: SyncMode; readonly isRepair: boolean },
): { readonly kind: ChangeKind; readonly targetId?: string } | undefined {
  if (mode === 'insert') return abilities.create ? { kind: 'create' } : undefined;
  const targetId = known?.targetId;
  if (targetId !== undefined) {
    const hasMoved = known?.match !== undefined && known.match !== match;
    // An upsert would make what others have deleted anew: not where only what is there is to be changed.
    if (abilities.update && (hasMoved || isRepair || !abilities.upsert || mode === 'update')) return { kind: 'update', targetId };
    return abilities.upsert ? { kind: 'upsert', targetId } : undefined;
  }
  // Which record it is, the target is asked before it is sent.
  if (mode === 'update' && known?.contentHash === undefined) return { kind: abilities.update ? 'update' : 'upsert' };
  if (abilities.upsert) return { kind: 'upsert' };
  if (abilities.create && known?.contentHash === undefined) return { kind: 'create' };
  return abilities.update ? { kind: 'update' } : undefined;
}
