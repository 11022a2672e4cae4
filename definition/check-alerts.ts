import { ALERT_NAMES, alertRuleName } from '../engine/alerts.ts';
import { checkExpression, type Page } from './check-expression.ts';
import type { CheckScope } from './check-scope.ts';
import type { Mistake } from './mistake.ts';
import type { Sync } from './schema/sync.ts';
import type { Path } from './yaml-file.ts';

/** Rules by which somebody is told: channels that are there, conditions over what a run counts, and each rule once. */
export function checkAlerts({ files }: CheckScope, page: Page, path: Path, alerts: Sync['alerts']): Mistake[] {
  const known = Object.keys(files.project?.value.channels ?? {});
  const orElse = known.length === 0 ? ': syncline.yaml has no `channels`' : `: there are ${known.join(', ')}`;
  const names = (alerts ?? []).map(alertRuleName);
  return (alerts ?? []).flatMap((alert, index) => {
    const at = [...path, index];
    const strangers = alert.notify.flatMap((channel, n) =>
      known.includes(channel) ? [] : [page.file.mistake([...at, 'notify', n], `unknown channel "${channel}"`, { meant: { name: channel, known, orElse } })],
    );
    const isDouble = names.indexOf(names[index] ?? '') < index;
    const doubles = isDouble ? [page.file.mistake(at, 'the same rule stands above: name all channels in one `notify`')] : [];
    return [...strangers, ...checkExpression(page, [...at, 'if'], alert.if, ALERT_NAMES), ...doubles];
  });
}
