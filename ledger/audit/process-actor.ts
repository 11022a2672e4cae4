import { hostname, userInfo } from 'node:os';
import type { AuditSource } from '../audit-store.ts';

const LONGEST = 200;

/** Who this process acts for: SYNCLINE_ACTOR, else the account that it runs under; and on which machine. */
export function processActor(env: NodeJS.ProcessEnv): Pick<AuditSource, 'user' | 'host'> {
  return { user: named(env['SYNCLINE_ACTOR'] ?? '') || named(accountName()), host: named(hostname()) };
}

/** In a container the account may have a number only. */
function accountName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}

/** On one line, without control characters. */
function named(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[\p{Cc}\s]+/gu, ' ')
    .trim()
    .slice(0, LONGEST);
}
