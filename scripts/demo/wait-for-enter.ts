const LONGEST_MS = 300_000;

/** In a terminal: waits for Enter, five minutes at most, so that the Web UI can be looked at. Elsewhere it does not wait. */
export async function waitForEnter(): Promise<void> {
  if (process.stdin.isTTY !== true || process.stdout.isTTY !== true) return;
  process.stdout.write('\n  Press Enter to stop everything (it stops by itself in five minutes). ');
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, LONGEST_MS);
    process.stdin.once('data', () => {
      clearTimeout(timer);
      resolve();
    });
    process.once('SIGINT', resolve);
  });
  process.stdin.pause();
  process.stdout.write('\n');
}
