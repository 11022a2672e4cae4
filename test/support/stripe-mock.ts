import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { BuiltPrograms } from '../deployment/built-programs.ts';

/** Stripe's own mock of its API: holds requests against Stripe's OpenAPI document, and answers with its fixtures. Keeps nothing. */
export const stripeMockProgram = new BuiltPrograms({
  name: 'stripe-mock',
  version: '0.203.0',
  module: 'github.com/stripe/stripe-mock',
  what: 'stripe-mock',
  duration: 'half a minute',
  programs: { 'stripe-mock': 'github.com/stripe/stripe-mock' },
});

const LISTENING = /Listening for HTTP at address: (127\.0\.0\.1:\d+)/;

export interface StripeMock {
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts it on loopback; it refuses any version of the API but its own. @throws Error where it does not listen */
export async function startStripeMock(): Promise<StripeMock> {
  const folder = await stripeMockProgram.ensure();
  const child = spawn(join(folder, 'stripe-mock'), ['-strict-version-check', '-http-addr', '127.0.0.1:0', '-https-addr', '127.0.0.1:0'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const stop = () => ended(child);
  try {
    return { url: `http://${await addressOf(child)}`, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function addressOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    const read = (text: string) => {
      said += text;
      const [, address] = LISTENING.exec(said) ?? [];
      if (address !== undefined) resolve(address);
    };
    for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', read);
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`stripe-mock ended (${code}): ${said}`)));
  });
}

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill();
  });
}
