import { fileURLToPath } from 'node:url';
import type { DataConverter } from '@temporalio/common';
import { EncryptionCodec } from './encryption-codec.ts';
import type { PayloadKey } from './payload-keys.ts';

/** Compiled files have another ending. */
const FAILURE_CONVERTER = fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? './failure-converter.ts' : './failure-converter.js', import.meta.url));

/** For a client: what it sends is encrypted where there are keys. */
export function clientDataConverter(keys: readonly PayloadKey[]): DataConverter {
  return { payloadCodecs: [new EncryptionCodec(keys)] };
}

/** For a worker: where there are keys, failures are encrypted as well. Its workflow bundle needs the same `failureConverterPath`. */
export function workerDataConverter(keys: readonly PayloadKey[]): DataConverter {
  return { ...clientDataConverter(keys), ...failureConverterOf(keys.length > 0) };
}

/** What a workflow bundle is made with. */
export function failureConverterOf(isEncrypted: boolean): Pick<DataConverter, 'failureConverterPath'> {
  return isEncrypted ? { failureConverterPath: FAILURE_CONVERTER } : {};
}
