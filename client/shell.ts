import type { Readable, Writable } from 'node:stream';

type Screen = Writable & { readonly isTTY?: boolean; readonly columns?: number };

/** Where a command line is typed and answered: a process with its streams, settings and signals, or a program that runs commands itself. */
export interface Shell {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Screen;
  readonly stderr: Screen;
  readonly env: NodeJS.ProcessEnv;
  /** The folder it is typed in: where the names of files begin. */
  readonly directory: string;
  /** Ctrl-C, or SIGTERM: called at each. */
  onInterrupt(listener: () => void): void;
}

export const processShell: Shell = {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  directory: process.cwd(),
  onInterrupt: (listener) => {
    process.on('SIGINT', listener);
    process.on('SIGTERM', listener);
  },
};
