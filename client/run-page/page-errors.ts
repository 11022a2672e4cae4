import type { ResolvedSync } from '../../definition/resolved.ts';
import { HIDDEN } from '../../engine/show-value.ts';
import { withoutValues } from '../../ledger/rows/rejection-groups.ts';
import { clean } from '../output/text.ts';
import type { HintedGroup } from '../reports/rejection-groups.ts';

/** One cause of what is rejected or held: no key of a record, and of its message what all of them have. */
export interface PageError {
  readonly records: number;
  readonly reason: string;
  readonly apiCode?: string;
  readonly field?: string;
  readonly message: string;
  readonly hint?: string;
}

/** A page is handed on: values are cut out of the messages, and where a field is sensitive the message is hidden. */
export function pageErrors(groups: readonly HintedGroup[], mapping: ResolvedSync['sync']['mapping'] | undefined): readonly PageError[] {
  return groups.map(({ count, reason, apiCode, field, message, hint }) => {
    const rule = field === undefined ? undefined : mapping?.[field];
    const isSensitive = typeof rule === 'object' && rule.sensitive === true;
    return {
      records: count,
      reason,
      ...(apiCode === undefined ? {} : { apiCode: clean(apiCode) }),
      ...(field === undefined ? {} : { field: clean(field) }),
      message: isSensitive ? HIDDEN : clean(withoutValues(message)),
      ...(hint === undefined ? {} : { hint }),
    };
  });
}
