import { resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { AuditRecorder } from './auditing/audit-recorder.ts';
import { CliError } from './cli-error.ts';
import { EXIT } from './exit-codes.ts';
import type { GlobalFlags } from './flags.ts';
import { Output } from './output/output.ts';
import { quoted } from './output/text.ts';
import { Session, type SessionOptions } from './session.ts';
import type { Shell } from './shell.ts';

/** What a command works with: where to print, what it was told, and the project with its ledger and Temporal server, opened when asked for. */
export class Cli {
  readonly flags: GlobalFlags;
  readonly out: Output;
  readonly shell: Shell;
  readonly env: NodeJS.ProcessEnv;
  readonly session: Session;
  /** Every command that changes something writes it down here, as soon as it is done. */
  readonly audit: AuditRecorder;
  #interrupt: AbortController | undefined;

  constructor(flags: GlobalFlags, shell: Shell, parts: Pick<SessionOptions, 'way' | 'openLedger'> = {}) {
    const { stdout, stderr, env } = shell;
    this.flags = flags;
    this.shell = shell;
    this.env = env;
    this.out = new Output({ stdout, stderr, isJson: flags.json, isQuiet: flags.quiet, isColorRefused: !flags.color, env });
    this.session = new Session({
      ...parts,
      from: shell.directory,
      directory: flags.project ?? env['SYNCLINE_PROJECT'],
      profile: flags.profile ?? env['SYNCLINE_PROFILE'],
      env,
      out: this.out,
    });
    this.audit = new AuditRecorder(this.session, this.out);
  }

  /** A file as it was named, from the folder the command was typed in. */
  file(name: string): string {
    return resolve(this.shell.directory, name);
  }

  /** A person sits there and can be asked. */
  get isInteractive(): boolean {
    return this.shell.stdin.isTTY === true && this.shell.stderr.isTTY === true && !this.flags.json && !this.flags.quiet;
  }

  /** A command of ours to be copied: as the program was called, with the flags that lead to the same project. What others wrote stands `quoted` in it. */
  command(words: string): string {
    const project = this.flags.project === undefined ? '' : ` --project ${quoted(this.flags.project)}`;
    const profile = this.flags.profile === undefined ? '' : ` --profile ${quoted(this.flags.profile)}`;
    const program = this.env['npm_command'] === 'exec' ? 'npx syncline' : 'syncline';
    return `${program} ${words}${project}${profile}`;
  }

  /** Asks y/N on stderr; `--yes` answers. Ask only where `isInteractive` or `--yes`. @throws CliError (exit 130) on Ctrl-C */
  async confirm(question: string): Promise<boolean> {
    return this.flags.yes || /^y(es)?$/i.test(await this.ask(`${question} ${this.out.noteTheme.faint('y/N')}`));
  }

  /** Asks for a line on stderr. Ask only where `isInteractive`. @throws CliError (exit 130) on Ctrl-C */
  async ask(question: string): Promise<string> {
    const terminal = createInterface({ input: this.shell.stdin, output: this.shell.stderr });
    try {
      return (await terminal.question(`${question} `, { signal: this.interrupted() })).trim();
    } catch (cause) {
      this.out.warn('');
      throw new CliError({ exitCode: EXIT.interrupted, code: 'INTERRUPTED', message: 'Interrupted: nothing was changed.', cause });
    } finally {
      terminal.close();
    }
  }

  /**
   * For a command that changes something: asks in a terminal, needs `--yes` without one.
   * @returns false where the person said no
   */
  async allowChange(question: string): Promise<boolean> {
    if (this.flags.yes) return true;
    if (!this.isInteractive) throw new CliError({ exitCode: EXIT.usage, code: 'USAGE', message: `${question} Pass --yes to do it without a terminal.` });
    return this.confirm(question);
  }

  /** For a change that is undone as easily: no question in a terminal, `--yes` without one. */
  requireConsent(what: string): void {
    if (this.flags.yes || this.isInteractive) return;
    throw new CliError({ exitCode: EXIT.usage, code: 'USAGE', message: `Pass --yes to ${what} without a terminal.` });
  }

  /** Fires on the first Ctrl-C (or SIGTERM); a second one ends the process at once. */
  interrupted(): AbortSignal {
    if (this.#interrupt === undefined) {
      const controller = new AbortController();
      this.#interrupt = controller;
      this.shell.onInterrupt(() => {
        if (controller.signal.aborted) process.exit(EXIT.interrupted);
        controller.abort();
      });
    }
    return this.#interrupt.signal;
  }
}
