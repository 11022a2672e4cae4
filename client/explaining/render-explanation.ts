import type { Output } from '../output/output.ts';
import { renderFields } from '../output/table.ts';
import { clean } from '../output/text.ts';
import type { Theme } from '../output/theme.ts';
import type { Explanation } from './explanation.ts';
import { labelWidthOf, renderField } from './render-field.ts';
import { renderOutcome } from './render-outcome.ts';

/** An explanation for people: the record, each field step by step, and what a run would do. */
export function renderExplanation(explanation: Explanation, { theme, width }: Pick<Output, 'theme' | 'width'>): string {
  const { sync, key, fields, outcome, target } = explanation;
  const layout = { theme, width, labelWidth: labelWidthOf(fields) };
  return [
    `${theme.strong(sync)}  key ${clean(key)}`,
    '',
    renderFields(factsOf(explanation, theme), theme),
    '',
    ...fields.flatMap((field) => [renderField(field, layout), '']),
    theme.strong('What a run would do with it now'),
    '',
    renderOutcome(outcome, target, { theme, width }),
  ].join('\n');
}

function factsOf({ source, target, match, targetId, url, changedSince, rules }: Explanation, theme: Theme): readonly (readonly [string, string])[] {
  const facts: (readonly [string, string])[] = [['source', `${source}, read now`]];
  for (const { rule, expression, leavesOut, fails } of rules) {
    const verdict = fails ? theme.warning('fails on it') : leavesOut ? theme.warning('leaves it out') : theme.faint('lets it pass');
    facts.push([rule, `${clean(expression)}  ${verdict}`]);
  }
  if (changedSince !== undefined) facts.push(['definition', `another one than that of the last run, ${changedSince}`]);
  if (match !== undefined) facts.push(['match', clean(match)]);
  const link = url === undefined ? '' : `  ${theme.link(url)}`;
  facts.push(['target', targetId === undefined ? target : `${target} ${clean(targetId)}${link}`]);
  return facts;
}
