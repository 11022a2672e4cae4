import { SyncError } from '../engine/errors.ts';
import type { PauseReason } from './shared-budget.ts';

/** Why a request may not go for longer than is sat out inside. */
export type LongWait =
  | { readonly why: 'pause'; readonly reason: PauseReason; readonly ms: number }
  | { readonly why: 'declared-quota'; readonly ms: number }
  | { readonly why: 'pace'; readonly ms: number };

/** The error of a wait that its caller makes a durable one. @param name of the connection */
export function tooLong(name: string, wait: LongWait): SyncError {
  const afterMs = Math.max(1, Math.ceil(wait.ms));
  const isQuota = wait.why === 'declared-quota' || (wait.why === 'pause' && wait.reason === 'quota');
  return new SyncError({ code: isQuota ? 'QUOTA_SPENT' : 'RATE_LIMITED', retry: { afterMs }, message: sentence(name, wait, inWords(afterMs)) });
}

function sentence(name: string, wait: LongWait, duration: string): string {
  switch (wait.why) {
    case 'declared-quota':
      return `The declared quota of ${name} is spent: Syncline goes on in ${duration}.`;
    case 'pace':
      return `The declared pace of ${name} allows the next request in ${duration}: Syncline goes on then.`;
    case 'pause':
      return wait.reason === 'quota'
        ? `The quota of ${name} is spent: Syncline goes on in ${duration}.`
        : `${name} asked to wait ${duration}: Syncline goes on then.`;
    default:
      return wait satisfies never;
  }
}

function inWords(ms: number): string {
  if (ms < 120_000) return `${Math.ceil(ms / 1_000)} s`;
  return ms < 7_200_000 ? `${Math.round(ms / 60_000)} min` : `${Math.round(ms / 3_600_000)} h`;
}
