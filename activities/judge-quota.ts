import { type AlertRule, QUOTA_MS } from '../engine/alerts.ts';
import { shownDuration } from '../engine/duration.ts';
import { accountScope } from '../engine/ids.ts';
import { shownTime } from '../engine/notice.ts';
import type { AccountUse } from '../ledger/overview-store.ts';
import type { ActivityDependencies } from './dependencies.ts';
import type { AlertSubject, Finding } from './judge-standing.ts';

/** So much more than was told of must be left again, or it would be told of with every few requests. */
const WELL_AGAIN = 1.5;

type Quota = AccountUse['quotas'][number];

/** Judges that little is left of a quota of one of the sync's connections: of what all syncs and processes together have of it. */
export async function judgeQuota({ ledger }: ActivityDependencies, rule: AlertRule, { definition, at }: AlertSubject): Promise<Finding> {
  const { project, profile } = definition.ref;
  const percent = Number.parseFloat(rule.left ?? '0');
  const names = Object.keys(definition.connections);
  const uses = await ledger.readAccountUse(
    names.map((name) => accountScope(project, profile, name)),
    at,
  );
  let least = 100;
  for (const [index, { quotas, block }] of uses.entries()) {
    const name = names[index] ?? '';
    if (block?.reason === 'quota') return { verdict: 'opens', what: `The quota of ${name} is spent until ${shownTime(block.untilMs)}.` };
    for (const quota of quotas.filter(({ perMs }) => perMs >= QUOTA_MS)) {
      const left = percentLeft(quota);
      if (left <= percent) return { verdict: 'opens', what: wordsOf(name, quota, left) };
      least = Math.min(least, left);
    }
  }
  return { verdict: least > Math.min(99, percent * WELL_AGAIN) ? 'closes' : 'stays' };
}

/** One whose size is not known is never spent. */
function percentLeft({ count, used }: Quota): number {
  return count === undefined ? 100 : Math.max(0, ((count - used) / count) * 100);
}

function wordsOf(name: string, { count = 0, used, perMs }: Quota, left: number): string {
  return `Of the ${count} requests that ${name} allows in ${shownDuration(perMs)}, ${Math.max(0, count - used)} are left (${Math.floor(left)} %).`;
}
