import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { Json } from '../engine/json.ts';

const SEALED = 'e1:';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Writes JSON for the store, encrypted (AES-256-GCM) where it must be, and reads both forms back. */
export class Vault {
  readonly #key: Buffer;
  readonly #sealsAll: boolean;

  /** @param key 32 bytes */
  constructor(key: Buffer, sealsAll: boolean) {
    this.#key = key;
    this.#sealsAll = sealsAll;
  }

  write(value: Json, mustSeal = false): string {
    const text = JSON.stringify(value);
    if (!mustSeal && !this.#sealsAll) return text;
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce);
    const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return SEALED + Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64');
  }

  read(stored: string): Json {
    return JSON.parse(stored.startsWith(SEALED) ? this.#open(stored.slice(SEALED.length)) : stored);
  }

  #open(sealed: string): string {
    const bytes = Buffer.from(sealed, 'base64');
    const decipher = createDecipheriv('aes-256-gcm', this.#key, bytes.subarray(0, NONCE_BYTES));
    decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]).toString('utf8');
  }
}
