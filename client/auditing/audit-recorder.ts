import { SyncError } from '../../engine/errors.ts';
import type { JsonObject } from '../../engine/json.ts';
import type { AuditAction } from '../../ledger/ledger.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { Output } from '../output/output.ts';
import { clean } from '../output/text.ts';
import type { Session } from '../session.ts';

/** What was done: counts and names. No value and no key of a record: the log keeps it for good. */
export interface Done {
  readonly sync?: string;
  readonly runId?: string;
  readonly details?: JsonObject;
}

/** Writes into the audit log what a command has done. Call it as soon as it is done. */
export class AuditRecorder {
  readonly #session: Session;
  readonly #out: Output;
  #hasFailed = false;

  constructor(session: Session, out: Output) {
    this.#session = session;
    this.#out = out;
  }

  /** Never throws: what is done is done. Where it cannot be written down, that is told, and the command does not end with 0. */
  async record(action: AuditAction, { details = {}, ...done }: Done = {}): Promise<void> {
    try {
      const ledger = await this.#session.ledger();
      await ledger.appendAudit({ ...(await this.#session.actor()), at: Date.now(), action, details, ...done });
    } catch (error) {
      this.#hasFailed = true;
      const what = [action, done.sync, done.runId].filter((word) => word !== undefined).join(' ');
      const why = error instanceof SyncError ? error.message : clean(String(error));
      this.#out.warn(`${this.#out.noteTheme.bad('✗')} This was done, but is not in the audit log: ${what}. ${why}`);
    }
  }

  /** @param code what the command ends with by itself */
  exitCode(code: ExitCode): ExitCode {
    return this.#hasFailed && code === EXIT.done ? EXIT.unreachable : code;
  }
}
