import type { ErrorCode } from '../engine/errors.ts';

/** What a command's exit code says: "Exit codes" in docs/operating.md. */
export const EXIT = {
  /** Done; rejections, if any, within the guard. */
  done: 0,
  /** The run failed, or its books are open. */
  failed: 1,
  usage: 2,
  /** Definition or secret invalid. */
  definition: 3,
  /** Done with more rejections than the guard allows, or with held records. */
  rejections: 4,
  /** Server, worker, ledger or API unreachable. */
  unreachable: 5,
  /** Credentials refused. */
  credentials: 6,
  /** Waiting for a person. */
  waiting: 7,
  /** Ctrl-C in a command doing the work itself. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** What an exit code says, for who has no manual at hand. */
export const EXIT_MEANINGS: Readonly<Record<ExitCode, string>> = {
  0: 'done; rejections, if any, within the guard',
  1: 'the run failed, or its books are open',
  2: 'not understood',
  3: 'a definition or a secret is invalid',
  4: 'done, with rejections above the limit, held records or drift',
  5: 'server, worker, ledger or API unreachable',
  6: 'credentials refused',
  7: 'waiting for a person',
  130: 'interrupted',
};

/** The exit code of a failure by its code. */
export function exitCodeOf(code: ErrorCode): ExitCode {
  switch (code) {
    case 'DEFINITION_INVALID':
    case 'DEFINITION_STALE':
    case 'SECRET_MISSING':
      return EXIT.definition;
    case 'CREDENTIALS_REJECTED':
      return EXIT.credentials;
    case 'SYSTEM_UNAVAILABLE':
    case 'STORE_UNAVAILABLE':
      return EXIT.unreachable;
    case 'DELETE_GUARD':
      return EXIT.waiting;
    default:
      return EXIT.failed;
  }
}
