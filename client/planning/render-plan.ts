import { formatCount } from '../output/numbers.ts';
import type { Output } from '../output/output.ts';
import { renderFields } from '../output/table.ts';
import { clean, cut, pad, plural, wrap } from '../output/text.ts';
import type { Theme } from '../output/theme.ts';
import { formatDuration } from '../output/times.ts';
import { renderGroups, withHints } from '../reports/rejection-groups.ts';
import type { FieldChange, Plan, PlannedAction, PlannedChange } from './plan.ts';

const SIGNS: Readonly<Record<PlannedAction, string>> = { create: '+', update: '~', delete: '-', archive: '-' };
const ORDER: readonly PlannedAction[] = ['create', 'update', 'delete', 'archive'];

export interface PlanLayout {
  /** Changes shown of each kind. */
  readonly shown: number;
  readonly hints: Parameters<typeof withHints>[1];
}

/** A plan for people, with what is sensitive hidden already: counts, then what would be created, changed and deleted, field by field, and what would be refused. */
export function renderPlan(plan: Plan, { shown, hints }: PlanLayout, { theme, width }: Pick<Output, 'theme' | 'width'>): string {
  const parts = [headline(plan, theme), '', renderCounts(plan, theme)];
  for (const action of ORDER) {
    const changes = plan.changes.filter((change) => change.action === action);
    if (changes.length === 0) continue;
    parts.push('', ...changes.slice(0, shown).map((change) => renderChange(change, theme, width)));
    if (changes.length > shown) parts.push(`  ${theme.faint(`and ${plural(changes.length - shown, 'record')} more to ${action}`)}`);
  }
  if (plan.refusals.length > 0)
    parts.push('', theme.strong('Would be refused or held'), '', renderGroups(withHints(plan.refusals, hints), { theme, width, indent: 2 }));
  for (const remark of plan.remarks) parts.push('', ...wrap(remark, width - 2).map((line) => `  ${theme.warning(line)}`));
  parts.push(
    '',
    renderFields(
      plan.costs.map(({ connection, requests, seconds }) => [connection, costWords(requests, seconds)]),
      theme,
    ),
  );
  return parts.join('\n');
}

function headline({ sync, counts, from }: Plan, theme: Theme): string {
  const changes = counts.create + counts.update + counts.delete;
  const window = from === undefined ? 'a read of everything' : `what changed since ${clean(from)}`;
  return changes === 0
    ? `${theme.good('✓')} ${theme.strong(sync)}: nothing to do, by ${window}`
    : `${theme.strong(sync)}: ${plural(changes, 'change')}, by ${window}; nothing was written`;
}

function renderCounts({ counts, changes }: Plan, theme: Theme): string {
  const lines: readonly (readonly [string, number, (text: string) => string])[] = [
    ['read', counts.read, (text) => text],
    ['to create', counts.create, theme.good],
    ['to update', counts.update, theme.warning],
    [changes.some(({ action }) => action === 'archive') ? 'to archive' : 'to delete', counts.delete, theme.bad],
    ['unchanged', counts.unchanged, (text) => text],
    ['skipped', counts.skipped, (text) => text],
    ['rejected', counts.rejected, theme.bad],
    ['held', counts.held, theme.warning],
  ];
  const width = Math.max(...lines.map(([, count]) => formatCount(count).length));
  const shown = lines.filter(([name, count]) => count > 0 || name === 'read' || name.startsWith('to create') || name.startsWith('to update'));
  return shown.map(([name, count, paint]) => `  ${pad(name, 11)}  ${(count === 0 ? theme.faint : paint)(pad(formatCount(count), width, 'right'))}`).join('\n');
}

function renderChange(change: PlannedChange, theme: Theme, width: number): string {
  const { action, key, match, targetId, fields } = change;
  const paint = action === 'create' ? theme.good : action === 'update' ? theme.warning : theme.bad;
  const id = targetId === undefined ? '' : theme.faint(`  ${clean(targetId)}`);
  const head = `${paint(SIGNS[action])} ${theme.strong(clean(key))}  ${clean(match)}${id}`;
  if (fields.length === 0) return action === 'delete' ? head : `${head}\n      ${theme.faint('the target has these values already')}`;
  const nameWidth = Math.max(...fields.map(({ field }) => field.length));
  const lines = fields.map(
    (field) => `      ${theme.faint(pad(field.field, nameWidth))}  ${cut(changeWords(field, action), Math.max(40, width - nameWidth - 8))}`,
  );
  return [head, ...lines].join('\n');
}

function changeWords({ before, after }: FieldChange, action: PlannedAction): string {
  return action === 'create' ? shownValue(after) : `${shownValue(before)} → ${shownValue(after)}`;
}

function shownValue(value: FieldChange['before']): string {
  if (value === undefined || value === null) return 'nothing';
  return clean(typeof value === 'string' ? value : JSON.stringify(value));
}

function costWords(requests: number, seconds: number | undefined): string {
  return `${plural(requests, 'request')}${seconds === undefined || seconds < 1 ? '' : `, ${formatDuration(Math.round(seconds) * 1_000)} at its limits`}`;
}
