import { SyncError } from '../engine/errors.ts';
import { CliError } from './cli-error.ts';
import { EXIT, type ExitCode, exitCodeOf } from './exit-codes.ts';
import type { Output } from './output/output.ts';
import { clean } from './output/text.ts';

interface Told {
  readonly exitCode: ExitCode;
  readonly code: string;
  readonly message: string;
  readonly details: readonly string[];
}

/** Prints why a command ended: one sentence, never a stack trace unless SYNCLINE_DEBUG is set. @returns the exit code */
export function reportError(out: Output, error: unknown, env: NodeJS.ProcessEnv): ExitCode {
  const told = tell(error);
  const { noteTheme: theme } = out;
  out.document({ error: { code: told.code, message: told.message, ...(told.details.length === 0 ? {} : { details: told.details }) } });
  out.warn(`${theme.bad('✗')} ${told.message}`);
  for (const line of told.details) out.warn(`  ${line}`);
  if (env['SYNCLINE_DEBUG'] === '1') for (const line of stacks(error)) out.warn(theme.faint(line));
  return told.exitCode;
}

function tell(error: unknown): Told {
  if (error instanceof CliError) return error;
  if (error instanceof SyncError) return { exitCode: exitCodeOf(error.code), code: error.code, message: error.message, details: [] };
  if (isServiceError(error)) {
    return {
      exitCode: EXIT.unreachable,
      code: 'TEMPORAL_UNREACHABLE',
      message: `The Temporal server did not answer as expected (${clean(error.details)}). Is it still running?`,
      details: [],
    };
  }
  if (error instanceof Error && error.name === 'WorkflowUpdateRPCTimeoutOrCancelledError') {
    const message = 'The run has not answered in time; it may still do as it was told. Is a worker of its build running? See "syncline status".';
    return { exitCode: EXIT.unreachable, code: 'NO_WORKER', message, details: [] };
  }
  const words = error instanceof Error ? error.message : String(error);
  return { exitCode: EXIT.failed, code: 'INTERNAL', message: `This is a defect in Syncline: ${clean(words)}. SYNCLINE_DEBUG=1 shows where.`, details: [] };
}

/** A gRPC failure, bare or wrapped by Temporal's client. */
function isServiceError(error: unknown): error is Error & { readonly details: string } {
  const found = error instanceof Error && error.name === 'ServiceError' && error.cause instanceof Error ? error.cause : error;
  return found instanceof Error && 'details' in found && typeof found.details === 'string' && 'metadata' in found;
}

function stacks(error: unknown): readonly string[] {
  if (!(error instanceof Error)) return [String(error)];
  return [error.stack ?? error.message, ...(error.cause === undefined ? [] : ['caused by', ...stacks(error.cause)])];
}
