import { createTheme, type Theme, wantsColor } from './theme.ts';

/** The version of what `--json` prints. Raised when a field changes its meaning or goes. */
export const JSON_SCHEMA_VERSION = 1;

export interface OutputStream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
}

export interface OutputOptions {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly isJson: boolean;
  readonly isQuiet: boolean;
  readonly isColorRefused: boolean;
  readonly env: NodeJS.ProcessEnv;
}

/** All that a command prints: results on stdout, progress on stderr, one JSON document with `--json`. Known secrets never pass. */
export class Output {
  readonly isJson: boolean;
  /** For results. */
  readonly theme: Theme;
  /** For progress and errors. */
  readonly noteTheme: Theme;
  readonly #options: OutputOptions;
  #redact: (text: string) => string = (text) => text;

  constructor(options: OutputOptions) {
    this.#options = options;
    this.isJson = options.isJson;
    const theme = (stream: OutputStream) => createTheme(wantsColor({ isTerminal: stream.isTTY === true, isRefused: options.isColorRefused, env: options.env }));
    this.theme = theme(options.stdout);
    this.noteTheme = theme(options.stderr);
  }

  /** From now on every secret known to `redact` is hidden in all that is printed. */
  redactWith(redact: (text: string) => string): void {
    this.#redact = redact;
  }

  /** A result, for people. Nothing with `--json`. */
  print(text = ''): void {
    if (!this.isJson) this.#options.stdout.write(`${this.#redact(text)}\n`);
  }

  /** The result as the one JSON document, printed only with `--json`. */
  document(body: Readonly<Record<string, unknown>>): void {
    if (this.isJson) this.#options.stdout.write(`${this.#redact(JSON.stringify({ schemaVersion: JSON_SCHEMA_VERSION, ...body }, null, 2))}\n`);
  }

  /** One line of NDJSON while following, printed only with `--json`. */
  event(body: Readonly<Record<string, unknown>>): void {
    if (this.isJson) this.#options.stdout.write(`${this.#redact(JSON.stringify({ schemaVersion: JSON_SCHEMA_VERSION, ...body }))}\n`);
  }

  /** Text that is a result in itself, with `--json` too (a schema, a file). */
  raw(text: string): void {
    this.#options.stdout.write(this.#redact(text));
  }

  /** Progress, on stderr. Nothing with `--quiet` or `--json`. */
  note(text = ''): void {
    if (!this.#options.isQuiet && !this.isJson) this.#options.stderr.write(`${this.#redact(text)}\n`);
  }

  /** What a person must not miss, on stderr, always. */
  warn(text: string): void {
    this.#options.stderr.write(`${this.#redact(text)}\n`);
  }

  /** A live view may be drawn: stderr is a terminal that people look at. */
  get isLive(): boolean {
    return this.#options.stderr.isTTY === true && !this.#options.isQuiet && !this.isJson && this.#options.env['TERM'] !== 'dumb';
  }

  /** The whole of it may be drawn over: stdout is a terminal that people look at. */
  get isScreen(): boolean {
    return this.#options.stdout.isTTY === true && !this.isJson && this.#options.env['TERM'] !== 'dumb';
  }

  /** Of the terminal that stdout is. */
  get size(): { readonly rows: number; readonly columns: number } {
    const { rows = 24, columns = 80 } = this.#options.stdout;
    return { rows, columns };
  }

  /** Columns of the terminal. */
  get width(): number {
    return Math.min(this.#options.stdout.columns ?? this.#options.stderr.columns ?? 100, 140);
  }

  /** Unbuffered, for a live view: terminal control included. */
  draw(text: string): void {
    this.#options.stderr.write(this.#redact(text));
  }
}
