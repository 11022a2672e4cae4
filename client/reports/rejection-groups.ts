import { findHint } from '../../engine/hints.ts';
import type { RejectionGroup } from '../../ledger/ledger.ts';
import { formatCount } from '../output/numbers.ts';
import { clean, pad, wrap } from '../output/text.ts';
import type { Theme } from '../output/theme.ts';

export interface HintedGroup extends RejectionGroup {
  readonly hint?: string;
}

type Hints = NonNullable<Parameters<typeof findHint>[1]>;

/** Puts to each group what a person can do about it. */
export function withHints(groups: readonly RejectionGroup[], connectorHints: Hints): readonly HintedGroup[] {
  return groups.map((group) => {
    const hint = findHint(group, connectorHints);
    return hint === undefined ? group : { ...group, hint };
  });
}

export interface GroupLayout {
  readonly theme: Theme;
  readonly width: number;
  readonly indent: number;
}

/** Each group: count, field and message, some keys, and the hint below. */
export function renderGroups(groups: readonly HintedGroup[], { theme, width, indent }: GroupLayout): string {
  const countWidth = Math.max(0, ...groups.map((group) => formatCount(group.count).length));
  const margin = ' '.repeat(indent);
  const inner = `${margin}${' '.repeat(countWidth)}  `;
  const textWidth = Math.max(40, width - inner.length);
  return groups
    .flatMap((group) => {
      const code = group.apiCode === undefined ? group.reason : `${group.reason}, ${clean(group.apiCode)}`;
      const [first = '', ...rest] = wrap(clean(group.message), textWidth);
      return [
        `${margin}${theme.bad(pad(formatCount(group.count), countWidth, 'right'))}  ${group.field === undefined ? '' : `${theme.strong(group.field)}: `}${first}`,
        ...rest.map((line) => inner + line),
        ...wrap(`${code}; ${keys(group)}`, textWidth).map((line) => inner + theme.faint(line)),
        ...(group.hint === undefined ? [] : wrap(`→ ${group.hint}`, textWidth).map((line, index) => `${inner}${index === 0 ? '' : '  '}${theme.link(line)}`)),
      ];
    })
    .join('\n');
}

function keys(group: RejectionGroup): string {
  const shown = group.sampleKeys.slice(0, 5).map(clean).join(', ');
  return `${group.count === 1 ? 'key' : 'keys'} ${shown}${group.count > Math.min(5, group.sampleKeys.length) ? ', …' : ''}`;
}
