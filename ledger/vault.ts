import { createCipheriv, createDecipheriv, createHmac, createSecretKey, hash, type KeyObject, randomFillSync } from 'node:crypto';
import { SyncError } from '../engine/errors.ts';
import { isJsonObject, type Json, type JsonObject } from '../engine/json.ts';

const SEALED = 'e1:';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const NONCES_AT_ONCE = 256;
/** 132 bits: equal fingerprints are equal texts. */
const FINGERPRINT_CHARACTERS = 22;

/** How settled values and the audit trail are kept. `hashed`: not at all; what is still to be sent is encrypted. */
export type ValuePolicy = 'plain' | 'encrypted' | 'hashed';

/** Writes JSON for a store, encrypted (AES-256-GCM) where it must be, and reads both forms back. */
export class Vault {
  /** Whether a settled change and its record keep their fields. */
  readonly keepsSettledFields: boolean;
  readonly #key: KeyObject;
  readonly #sealsAll: boolean;
  readonly #fingerprintKey: string;
  /** Random bytes for the next nonces: one call of the generator for many. */
  readonly #pool = Buffer.alloc(NONCE_BYTES * NONCES_AT_ONCE);
  #used = this.#pool.length;

  /** @param key 32 bytes */
  constructor(key: Buffer, values: ValuePolicy) {
    this.#key = createSecretKey(key);
    this.#sealsAll = values !== 'plain';
    this.keepsSettledFields = values !== 'hashed';
    this.#fingerprintKey = createHmac('sha256', key).update('syncline fingerprint').digest('base64');
  }

  /** @param mustSeal encrypt also where the ledger keeps values in plain */
  write(value: Json, mustSeal = false): string {
    return this.seal(JSON.stringify(value), mustSeal);
  }

  /** As `write`, of what is JSON text already. */
  seal(text: string, mustSeal: boolean): string {
    if (!mustSeal && !this.#sealsAll) return text;
    const nonce = this.#nextNonce();
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce);
    const sealed = Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    return SEALED + sealed.toString('base64');
  }

  /** @throws SyncError STORE_UNAVAILABLE where it was written with another key, or tampered with */
  read(stored: string): Json {
    // JSON.parse answers `any`; the vault wrote this text itself.
    return JSON.parse(this.open(stored));
  }

  /** As `read`, and leaves it JSON text. */
  open(stored: string): string {
    return isSealed(stored) ? this.#decrypt(stored.slice(SEALED.length)) : stored;
  }

  readObject(stored: string): JsonObject {
    const value = this.read(stored);
    return isJsonObject(value) ? value : {};
  }

  readText(stored: string): string {
    return String(this.read(stored));
  }

  /** The same for equal texts, and tells nothing of them to who lacks the key. */
  fingerprint(text: string): string {
    return hash('sha256', `${this.#fingerprintKey}${text}`, 'base64url').slice(0, FINGERPRINT_CHARACTERS);
  }

  #nextNonce(): Buffer {
    if (this.#used === this.#pool.length) {
      randomFillSync(this.#pool);
      this.#used = 0;
    }
    this.#used += NONCE_BYTES;
    return this.#pool.subarray(this.#used - NONCE_BYTES, this.#used);
  }

  #decrypt(sealed: string): string {
    const bytes = Buffer.from(sealed, 'base64');
    const end = bytes.length - TAG_BYTES;
    try {
      const decipher = createDecipheriv('aes-256-gcm', this.#key, bytes.subarray(0, NONCE_BYTES));
      decipher.setAuthTag(bytes.subarray(end));
      return decipher.update(bytes.subarray(NONCE_BYTES, end), undefined, 'utf8') + decipher.final('utf8');
    } catch (cause) {
      const message =
        'An encrypted value of the ledger cannot be read: it was written with another key (SYNCLINE_ENCRYPTION_KEY or the file `key`), or it was altered.';
      throw new SyncError({ code: 'STORE_UNAVAILABLE', retry: 'never', message, cause });
    }
  }
}

/** Whether the vault encrypted this text. */
export function isSealed(stored: string): boolean {
  return stored.startsWith(SEALED); // no JSON text begins with these characters
}
