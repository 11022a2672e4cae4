import { SyncError } from '../engine/errors.ts';
import type { Cli } from './cli.ts';
import { CliError } from './cli-error.ts';
import { EXIT, type ExitCode, exitCodeOf } from './exit-codes.ts';
import { givenUp } from './given-up.ts';
import { clean } from './output/text.ts';

interface Told {
  readonly exitCode: ExitCode;
  readonly code: string;
  readonly message: string;
  readonly details: readonly string[];
}

/** Prints why a command ended: one sentence, never a stack trace unless SYNCLINE_DEBUG is set. @returns the exit code */
export function reportError(cli: Cli, error: unknown): ExitCode {
  const { out, env } = cli;
  const told = tell(cli, error);
  const { noteTheme: theme } = out;
  out.document({ error: { code: told.code, message: told.message, ...(told.details.length === 0 ? {} : { details: told.details }) } });
  out.warn(`${theme.bad('✗')} ${told.message}`);
  for (const line of told.details) out.warn(`  ${line}`);
  if (env['SYNCLINE_DEBUG'] === '1') for (const line of stacks(error)) out.warn(theme.faint(line));
  return told.exitCode;
}

function tell(cli: Cli, error: unknown): Told {
  if (error instanceof CliError) return error;
  if (error instanceof SyncError) return { exitCode: exitCodeOf(error.code), code: error.code, message: givenUp(error.message), details: [] };
  const words = serviceWords(error);
  if (words !== undefined) return tellService(words);
  if (error instanceof Error && error.name === 'WorkflowUpdateRPCTimeoutOrCancelledError') {
    const message = `The run has not answered in time; it may still do as it was told. Is a worker running for it? See "${cli.command('rollout')}".`;
    return { exitCode: EXIT.unreachable, code: 'NO_WORKER', message, details: [] };
  }
  const own = error instanceof Error ? error.message : String(error);
  return { exitCode: EXIT.failed, code: 'INTERNAL', message: `This is a defect in Syncline: ${clean(own)}. SYNCLINE_DEBUG=1 shows where.`, details: [] };
}

/** What a connected Temporal server said instead of doing what it was asked. */
function tellService(words: string): Told {
  if (/unauthorized|PERMISSION_DENIED|UNAUTHENTICATED/i.test(words)) {
    const message = `Temporal refused the request (${clean(words)}). Check TEMPORAL_API_KEY, or the client certificate, and TEMPORAL_NAMESPACE.`;
    return { exitCode: EXIT.credentials, code: 'CREDENTIALS_REJECTED', message, details: [] };
  }
  if (/^Namespace .*not found/.test(words)) {
    const message = `Temporal has no such namespace (${clean(words)}). Check TEMPORAL_NAMESPACE; on Temporal Cloud it is NAME.ACCOUNT.`;
    return { exitCode: EXIT.definition, code: 'TEMPORAL_SETTINGS', message, details: [] };
  }
  const message = `The Temporal server did not answer as expected (${clean(words)}). Is it still running?`;
  return { exitCode: EXIT.unreachable, code: 'TEMPORAL_UNREACHABLE', message, details: [] };
}

/** The words of a gRPC failure, bare or wrapped by Temporal's client. */
function serviceWords(error: unknown): string | undefined {
  if (error instanceof Error && error.name === 'NamespaceNotFoundError') return error.message;
  const found = error instanceof Error && error.name === 'ServiceError' && error.cause instanceof Error ? error.cause : error;
  return found instanceof Error && 'details' in found && typeof found.details === 'string' && 'metadata' in found ? found.details : undefined;
}

function stacks(error: unknown): readonly string[] {
  if (!(error instanceof Error)) return [String(error)];
  return [error.stack ?? error.message, ...(error.cause === undefined ? [] : ['caused by', ...stacks(error.cause)])];
}
