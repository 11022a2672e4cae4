import { ALERT_NAMES, ALERT_TERMS, type AlertRule, alertRuleName } from '../engine/alerts.ts';
import { channelNames } from './check-channels.ts';
import { checkExpression, type Page } from './check-expression.ts';
import { checkPositive } from './check-limits.ts';
import type { CheckScope } from './check-scope.ts';
import type { Mistake } from './mistake.ts';
import type { Sync } from './schema/sync.ts';
import type { Path } from './yaml-file.ts';

/** Rules by which somebody is told: channels that are there, conditions over what a run counts, and each rule once. */
export function checkAlerts({ files }: CheckScope, page: Page, path: Path, alerts: Sync['alerts']): Mistake[] {
  const known = channelNames(files);
  const orElse = known.length === 0 ? ': syncline.yaml has no `channels`' : `: there are ${known.join(', ')}`;
  const names = (alerts ?? []).map(alertRuleName);
  return (alerts ?? []).flatMap((alert, index) => {
    const at = [...path, index];
    const strangers = alert.notify.flatMap((channel, n) =>
      known.includes(channel) ? [] : [page.file.mistake([...at, 'notify', n], `unknown channel "${channel}"`, { meant: { name: channel, known, orElse } })],
    );
    const isDouble = names.indexOf(names[index] ?? '') < index;
    const doubles = isDouble ? [page.file.mistake(at, 'the same rule stands above: name all channels in one `notify`')] : [];
    return [...strangers, ...checkTerms(page, at, alert), ...checkExpression(page, [...at, 'if'], alert.if, ALERT_NAMES), ...doubles];
  });
}

/** Terms that a rule does not know would be left out in silence. */
function checkTerms({ file }: Page, at: Path, alert: AlertRule): Mistake[] {
  const known = ALERT_TERMS[alert.on];
  const strangers = ALL_TERMS.filter((term) => alert[term] !== undefined && !known.includes(term));
  return [
    ...strangers.map((term) =>
      file.mistake([...at, term], `${alert.on} has no \`${term}\`${known.length === 0 ? '' : `: it has ${known.join(', ')}`}`, { at: 'key' }),
    ),
    ...checkPositive(file, [...at, 'for']),
    ...checkPositive(file, [...at, 'atLeast']),
    ...checkPositive(file, [...at, 'within']),
  ];
}

const ALL_TERMS = [...new Set(Object.values(ALERT_TERMS).flat())];
