import type { ChangeOutcome } from '../ledger.ts';
import { number, optionalNumber, optionalText, type Row, text } from './row.ts';
import { ARCHIVED, DELETED } from './taken-content.ts';

export type Written = Extract<ChangeOutcome, { outcome: 'written' }>;

/** A change of the batch, as far as settling needs it: payloads stay in the store. */
export interface SendingChange {
  readonly id: number;
  readonly scope: string;
  readonly key: string;
  readonly contentHash: string;
  /** No newer change or verdict of its key was staged behind it: it is what the record counts as. */
  readonly isLatest: boolean;
  /** The target was told of the record before. */
  readonly wasTold: boolean;
  /** The ledger has the record as refused or held: with this content or another. */
  readonly isRefused: boolean;
  /** Takes the record from the target: deletes or archives it. */
  readonly isDelete: boolean;
  readonly isArchived: boolean;
}

/** @param row the change, `latest` of its sighting, `told_hash` and `refusals` of its record */
export function readSendingChange(row: Row): SendingChange {
  const id = number(row, 'id');
  return {
    id,
    scope: text(row, 'scope'),
    key: text(row, 'key'),
    contentHash: text(row, 'content_hash'),
    isLatest: optionalNumber(row, 'latest') === id,
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
