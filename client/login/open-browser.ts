import { spawn } from 'node:child_process';

/** Opens an address in the person's browser, if there is one. Nothing waits for it, and it never fails: the address is printed, too. */
export function openBrowser(url: string, env: NodeJS.ProcessEnv): void {
  const program = programFor(env);
  if (program === undefined) return;
  const [file, ...args] = program;
  const child = spawn(file, [...args, url], { stdio: 'ignore', detached: true });
  child.on('error', () => undefined);
  child.unref();
}

/** No shell has a part in it: an address may hold what a shell would run. */
function programFor(env: NodeJS.ProcessEnv): readonly [file: string, ...args: string[]] | undefined {
  const chosen = env['BROWSER'];
  if (chosen !== undefined && chosen !== '') return chosen === 'none' ? undefined : [chosen];
  switch (process.platform) {
    case 'darwin':
      return ['open'];
    case 'win32':
      return ['rundll32', 'url.dll,FileProtocolHandler'];
    default:
      return env['DISPLAY'] === undefined && env['WAYLAND_DISPLAY'] === undefined ? undefined : ['xdg-open'];
  }
}
