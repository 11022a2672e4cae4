import { createSecretKey, type KeyObject } from 'node:crypto';
import { SyncError } from '../engine/errors.ts';

/** The setting that has the keys. */
export const PAYLOAD_KEYS = 'SYNCLINE_PAYLOAD_KEYS';
const KEY_BYTES = 32;
const ID = /^[A-Za-z0-9._-]{1,64}$/;

export interface PayloadKey {
  readonly id: string;
  readonly key: KeyObject;
}

/**
 * Reads `2026b:BASE64,2026a:BASE64`: the first encrypts, all decrypt. Absent or empty: none.
 * @throws SyncError SECRET_MISSING where it is not that; its sentence has no key in it
 */
export function parsePayloadKeys(setting: string | undefined): readonly PayloadKey[] {
  const parts = (setting ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  const keys = parts.map(parseKey);
  const twice = keys.find(({ id }, index) => keys.findIndex((other) => other.id === id) !== index);
  if (twice !== undefined) throw unusable(`it has two keys named "${twice.id}"`);
  return keys;
}

/** The secret parts of the setting, whether it can be used or not. */
export function payloadSecrets(setting: string | undefined): readonly string[] {
  return (setting ?? '').split(',').map((part) => part.slice(part.indexOf(':') + 1).trim());
}

function parseKey(part: string, index: number): PayloadKey {
  const [, id = '', text = ''] = /^([^:]*):(.*)$/.exec(part) ?? [];
  if (!ID.test(id)) throw unusable(`key ${index + 1} has no name of letters, digits, ".", "_" or "-" before its colon`);
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length !== KEY_BYTES) throw unusable(`the key "${id}" is not ${KEY_BYTES} bytes in base64 (openssl rand -base64 ${KEY_BYTES})`);
  return { id, key: createSecretKey(bytes) };
}

function unusable(why: string): SyncError {
  const message = `${PAYLOAD_KEYS} cannot be used: ${why}. It is a list of NAME:KEY, the newest first: 2026b:BASE64,2026a:BASE64.`;
  return new SyncError({ code: 'SECRET_MISSING', retry: 'never', message });
}
