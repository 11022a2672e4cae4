import type { ChangeOutcome } from '../ledger.ts';
import { number, optionalNumber, optionalText, type Row, text } from './row.ts';
import { ARCHIVED, DELETED } from './taken-content.ts';

/** Where a run keeps its sightings: a lane of its own, until it has ended and its scope has them. */
export const sightingsOf = (run: string) => `${run}.scope || CASE WHEN ${run}.ended_at IS NULL THEN ${run}.lane ELSE '' END`;

/** Of a change `c` with its sighting `s`: the sighting has a change that was staged later. Numbers of changes that were pruned may be had by others. */
export const HAS_LATER_CHANGE = `EXISTS (SELECT 1 FROM changes n WHERE n.id = s.change_id AND n.id >= c.id AND n.scope = c.scope AND n.key = c.key)`;

export type Written = Extract<ChangeOutcome, { outcome: 'written' }>;

/** A change of the batch, as far as settling needs it: payloads stay in the store. */
export interface SendingChange {
  readonly id: number;
  readonly scope: string;
  readonly key: string;
  readonly contentHash: string;
  /** No newer change or verdict of its key was staged behind it: what becomes of it is what became of the record. */
  readonly isLatest: boolean;
  /** Told again by the run itself: nothing was read for its sake, and it is in no sum of records. */
  readonly isAside: boolean;
  /** The target was told of the record before. */
  readonly wasTold: boolean;
  /** The ledger has the record as refused or held: with this content or another. */
  readonly isRefused: boolean;
  /** Takes the record from the target: deletes or archives it. */
  readonly isDelete: boolean;
  readonly isArchived: boolean;
}

/** @param row the change, `latest` of its sighting, `told_hash` and `refusals` of its record; `is_aside`, and then whether there is no newer word on its record, `is_last_word` */
export function readSendingChange(row: Row): SendingChange {
  const id = number(row, 'id');
  const isAside = row['is_aside'] === 1;
  return {
    id,
    scope: text(row, 'scope'),
    key: text(row, 'key'),
    contentHash: text(row, 'content_hash'),
    isLatest: optionalNumber(row, 'latest') === id || (isAside && row['is_last_word'] === 1),
    isAside,
    wasTold: optionalText(row, 'told_hash') !== undefined,
    isRefused: (optionalNumber(row, 'refusals') ?? 0) > 0,
    isDelete: row['content_hash'] === DELETED || row['content_hash'] === ARCHIVED,
    isArchived: row['content_hash'] === ARCHIVED,
  };
}

/** Where the target does not say, a record that it was told of before cannot have been created now. @returns as the change keeps it: 1, 0, or undefined */
export function createdOf(wasTold: boolean, { created }: Written): number | undefined {
  const isCreated = created ?? (wasTold ? false : undefined);
  return isCreated === undefined ? undefined : Number(isCreated);
}
