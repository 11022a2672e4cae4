import { credentialExpiry } from '../connectors/credential-expiry.ts';
import type { AlertRule } from '../engine/alerts.ts';
import { parseDuration, shownDuration } from '../engine/duration.ts';
import { accountScope } from '../engine/ids.ts';
import { shownTime } from '../engine/notice.ts';
import type { ActivityDependencies } from './dependencies.ts';
import type { AlertSubject, Finding } from './judge-standing.ts';

/** Judges that credentials of one of the sync's connections will soon be of no use; the one that is first counts. */
export async function judgeExpiry({ ledger }: ActivityDependencies, rule: AlertRule, { definition, at }: AlertSubject): Promise<Finding> {
  const { project, profile } = definition.ref;
  const withinMs = parseDuration(rule.within ?? '') ?? 0;
  let first: { readonly name: string; readonly expiresAt: number } | undefined;
  for (const [name, connection] of Object.entries(definition.connections)) {
    const expiresAt = await credentialExpiry(ledger, accountScope(project, profile, name), connection);
    if (expiresAt !== undefined && expiresAt < (first?.expiresAt ?? Number.POSITIVE_INFINITY)) first = { name, expiresAt };
  }
  if (first === undefined || first.expiresAt - at > withinMs) return { verdict: 'closes' };
  const { name, expiresAt } = first;
  const what = expiresAt <= at ? `have expired at ${shownTime(expiresAt)}` : `expire at ${shownTime(expiresAt)}, in ${shownDuration(expiresAt - at)}`;
  return { verdict: 'opens', what: `The credentials of ${name} ${what}: renew them.` };
}
