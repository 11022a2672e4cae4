import { Readable, Writable } from 'node:stream';
import { commandsFor } from '../../client/commands/index.ts';
import { runProgram } from '../../client/program.ts';

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command line to its end, without a terminal, in the process of the test: starting one of its own costs half a second of CPU, and the suite runs hundreds. */
export async function runCommandLine(words: readonly string[], shell: { readonly directory: string; readonly env: NodeJS.ProcessEnv }): Promise<CommandResult> {
  const [stdout, stderr] = [new TextSink(), new TextSink()];
  const code = await runProgram(words, await commandsFor(words), { ...shell, stdin: Readable.from([]), stdout, stderr, onInterrupt: () => undefined });
  return { code, stdout: stdout.text, stderr: stderr.text };
}

class TextSink extends Writable {
  text = '';

  override _write(chunk: Buffer | string, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}
