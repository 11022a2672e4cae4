import { enableCompileCache } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';

// Halves the start of every command: compiled code is kept between them. In the user's own cache, as what lies in a shared one would be run.
enableCompileCache(join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'syncline', 'compiled'));

// `syncline … | head` closes the pipe early: that is no error of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

const words = process.argv.slice(2);
const { commandsFor } = await import('./commands/index.ts');
const [{ runProgram }, { processShell }, commands] = await Promise.all([import('./program.ts'), import('./shell.ts'), commandsFor(words)]);
process.exitCode = await runProgram(words, commands, processShell);
// A connection that will not close must not hold the shell.
setTimeout(() => process.exit(), 1_000).unref();
