import type { HttpAnswer } from './http-client.ts';

/** Says once per client what an API announces of its own end: `Deprecation` (RFC 9745), `Sunset` (RFC 8594), `Warning: 299`. */
export class WarningNotes {
  readonly #tell: ((message: string) => void) | undefined;
  readonly #told = new Set<string>();

  constructor(tell: ((message: string) => void) | undefined) {
    this.#tell = tell;
  }

  look({ headers }: HttpAnswer): void {
    if (headers['deprecation'] !== undefined) this.#once('deprecation', `this version of the API is deprecated (${headers['deprecation']})`);
    if (headers['sunset'] !== undefined) this.#once('sunset', `this version of the API ends on ${headers['sunset']}`);
    if (headers['warning']?.startsWith('299') === true) this.#once('warning', headers['warning'].slice(0, 200));
  }

  #once(kind: string, message: string): void {
    if (this.#told.has(kind)) return;
    this.#told.add(kind);
    this.#tell?.(message);
  }
}
