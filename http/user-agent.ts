import { readFileSync } from 'node:fs';
import { z } from 'zod';

const packageSchema = z.object({ name: z.literal('syncline'), version: z.string() });

/** `syncline/1.2.3`: who asks, for the log of the other side. */
export const USER_AGENT = `syncline/${ownVersion()}`;

/** The sources lie one folder below package.json, the compiled files two. */
function ownVersion(): string {
  for (const above of ['../package.json', '../../package.json']) {
    try {
      return packageSchema.parse(JSON.parse(readFileSync(new URL(above, import.meta.url), 'utf8'))).version;
    } catch {
      // looked for further up
    }
  }
  return 'unknown';
}
