import { commands } from './commands/index.ts';
import { EXIT } from './exit-codes.ts';
import { runProgram } from './program.ts';

// `syncline … | head` closes the pipe early: that is no error of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT.done);
  throw error;
});

process.exitCode = await runProgram(process.argv.slice(2), commands);
// A connection that will not close must not hold the shell.
setTimeout(() => process.exit(), 1_000).unref();
