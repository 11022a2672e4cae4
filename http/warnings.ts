import type { HttpAnswer } from './http-client.ts';

/** Says once per client what an API announces of its own end: `Deprecation` (RFC 9745), `Sunset` (RFC 8594), `Warning: 299` (RFC 7234 section 5.5). */
export class WarningNotes {
  readonly #tell: ((message: string) => void) | undefined;
  readonly #told = new Set<string>();

  constructor(tell: ((message: string) => void) | undefined) {
    this.#tell = tell;
  }

  look({ headers }: HttpAnswer): void {
    const { deprecation, sunset, warning } = headers;
    if (deprecation !== undefined)
      this.#once('deprecation', `what is used of this API is deprecated (${when(deprecation)}): see its documentation for what replaces it`);
    if (sunset !== undefined) this.#once('sunset', `what is used of this API ends on ${sunset.slice(0, 100)}: see its documentation for what replaces it`);
    if (warning !== undefined && /^\s*299\b/.test(warning)) this.#once('warning', `the API warns: ${/"([^"]*)"/.exec(warning)?.[1] ?? warning.slice(0, 200)}`);
  }

  #once(kind: string, message: string): void {
    if (this.#told.has(kind)) return;
    this.#told.add(kind);
    this.#tell?.(message);
  }
}

/** `@1688169599` is a moment in seconds (RFC 9745); earlier drafts wrote dates or `true`. */
function when(deprecation: string): string {
  const seconds = /^@(-?\d+)$/.exec(deprecation.trim())?.[1];
  return seconds === undefined ? deprecation.slice(0, 100) : `since ${new Date(Number(seconds) * 1_000).toISOString().slice(0, 10)}`;
}
