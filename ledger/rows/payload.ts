import { type Payload, payloadOf, payloadText } from '../payload-text.ts';
import type { Vault } from '../vault.ts';

export function writePayload(vault: Vault, payload: Payload, isSealed: boolean): string {
  return vault.seal(payloadText(payload), isSealed);
}

export function readPayload(vault: Vault, stored: string): Payload {
  return payloadOf(vault.open(stored));
}
