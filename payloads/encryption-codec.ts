import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { Payload, PayloadCodec } from '@temporalio/common';
import proto from '@temporalio/proto';
import { SyncError } from '../engine/errors.ts';
import { PAYLOAD_KEYS, type PayloadKey } from './payload-keys.ts';

const { Payload: PayloadMessage } = proto.temporal.api.common.v1;
const CIPHER = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;
/** As Temporal's own examples of such codecs name it; so does the Web UI. */
const ENCODING = 'binary/encrypted';
const KEY_ID = 'encryption-key-id';

/**
 * Encrypts each payload whole, metadata with it, by AES-256-GCM: `data` is a fresh initialization vector of 96 bits, the ciphertext of the payload's protobuf form, and the tag. The
 * id of the key is in the metadata, and bound by the tag. What is not encrypted is read as it is: histories from before there were keys go on.
 * Without keys nothing is encrypted; what others have encrypted is refused by the name of its key.
 */
export class EncryptionCodec implements PayloadCodec {
  readonly #keys: readonly PayloadKey[];

  /** @param keys the first encrypts, all decrypt */
  constructor(keys: readonly PayloadKey[]) {
    this.#keys = keys;
  }

  async encode(payloads: Payload[]): Promise<Payload[]> {
    const [newest] = this.#keys;
    return newest === undefined ? payloads : payloads.map((payload) => encrypt(payload, newest));
  }

  /** @throws SyncError SECRET_MISSING where a payload's key is none of these */
  async decode(payloads: Payload[]): Promise<Payload[]> {
    return payloads.map((payload) => (textOf(payload, 'encoding') === ENCODING ? this.#decrypt(payload) : payload));
  }

  #decrypt(payload: Payload): Payload {
    const id = textOf(payload, KEY_ID) ?? '';
    const known = this.#keys.find((key) => key.id === id);
    if (known === undefined) throw unknownKey(id, this.#keys);
    try {
      return decrypt(payload.data ?? new Uint8Array(), known);
    } catch (cause) {
      const message = `What Temporal keeps was encrypted with the key "${id}", but cannot be read with the one of that name in ${PAYLOAD_KEYS}: it is another key, or what is kept was changed.`;
      throw new SyncError({ code: 'SECRET_MISSING', retry: 'backoff', message, cause });
    }
  }
}

function encrypt(payload: Payload, { id, key }: PayloadKey): Payload {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(CIPHER, key, iv, { authTagLength: TAG_BYTES }).setAAD(Buffer.from(id));
  const data = Buffer.concat([iv, cipher.update(PayloadMessage.encode(payload).finish()), cipher.final(), cipher.getAuthTag()]);
  return { metadata: { encoding: Buffer.from(ENCODING), [KEY_ID]: Buffer.from(id) }, data };
}

function decrypt(data: Uint8Array, { id, key }: PayloadKey): Payload {
  const decipher = createDecipheriv(CIPHER, key, data.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES })
    .setAAD(Buffer.from(id))
    .setAuthTag(data.subarray(-TAG_BYTES));
  return PayloadMessage.decode(Buffer.concat([decipher.update(data.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()]));
}

function textOf({ metadata }: Payload, name: string): string | undefined {
  const value = metadata?.[name];
  return value === undefined ? undefined : Buffer.from(value).toString();
}

function unknownKey(id: string, keys: readonly PayloadKey[]): SyncError {
  const has = keys.length === 0 ? 'which is not set here' : `which has ${keys.map((key) => `"${key.id}"`).join(', ')}`;
  const message = `What Temporal keeps was encrypted with the key "${id}", and that is not in ${PAYLOAD_KEYS}, ${has}. Give this process the same keys as the others.`;
  return new SyncError({ code: 'SECRET_MISSING', retry: 'backoff', message });
}
