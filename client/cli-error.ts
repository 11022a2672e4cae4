import type { ExitCode } from './exit-codes.ts';

export interface CliErrorOptions {
  readonly exitCode: ExitCode;
  /** A sentence: what happened, and what to do next. */
  readonly message: string;
  /** Further lines, printed below as they are. */
  readonly details?: readonly string[];
  /** Stable, for `--json`: an error code of the engine, or one of the client's own. */
  readonly code?: string;
  readonly cause?: unknown;
}

/** Ends a command with a sentence and an exit code. */
export class CliError extends Error {
  readonly exitCode: ExitCode;
  readonly details: readonly string[];
  readonly code: string;

  constructor(options: CliErrorOptions) {
    super(options.message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'CliError';
    this.exitCode = options.exitCode;
    this.details = options.details ?? [];
    this.code = options.code ?? 'CLI';
  }
}
