import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import { EncryptionCodec } from '../../payloads/encryption-codec.ts';
import { parsePayloadKeys } from '../../payloads/payload-keys.ts';

const key = () => randomBytes(32).toString('base64');
const [A, B] = [`2026a:${key()}`, `2026b:${key()}`];
const codecOf = (setting: string | undefined) => new EncryptionCodec(parsePayloadKeys(setting));
const payloadOf = (value: unknown): Payload => defaultPayloadConverter.toPayload(value);
const metadataOf = ({ metadata }: Payload) => Object.fromEntries(Object.entries(metadata ?? {}).map(([name, value]) => [name, Buffer.from(value).toString()]));

async function single(codec: EncryptionCodec, direction: 'encode' | 'decode', payload: Payload): Promise<Payload> {
  const [result] = await codec[direction]([payload]);
  assert.ok(result);
  return result;
}

describe('the encryption of payloads', () => {
  it('gives back what it was given, metadata with it', async () => {
    const codec = codecOf(A);
    const values = [{ sync: 'contacts', count: 3 }, 'ü', null, undefined, new Uint8Array([0, 255]), ''];
    const encoded = await codec.encode(values.map(payloadOf));
    assert.deepEqual(
      (await codec.decode(encoded)).map((payload) => defaultPayloadConverter.fromPayload(payload)),
      values,
    );
    assert.equal((await single(codec, 'decode', await single(codec, 'encode', {}))).data?.length ?? 0, 0);
  });

  it('shows the id of its key and nothing else, and never the same bytes twice', async () => {
    const codec = codecOf(A);
    const payload = payloadOf({ sync: 'contacts-to-hubspot' });
    const [one, other] = await codec.encode([payload, payload]);
    assert.deepEqual(metadataOf(one ?? {}), { encoding: 'binary/encrypted', 'encryption-key-id': '2026a' });
    assert.ok(
      !Buffer.from(one?.data ?? [])
        .toString('latin1')
        .includes('contacts'),
    );
    assert.notDeepEqual(one?.data, other?.data);
    assert.notDeepEqual(one?.data?.slice(0, 12), other?.data?.slice(0, 12));
  });

  it('encrypts with the first key, and reads what any of them has encrypted', async () => {
    const old = await single(codecOf(A), 'encode', payloadOf('old'));
    const rotated = codecOf(`${B}, ${A}`);
    assert.equal(defaultPayloadConverter.fromPayload(await single(rotated, 'decode', old)), 'old');
    assert.equal(metadataOf(await single(rotated, 'encode', payloadOf('new')))['encryption-key-id'], '2026b');
  });

  it('reads what was never encrypted as it is; without keys it encrypts nothing', async () => {
    const plain = payloadOf({ a: 1 });
    assert.deepEqual(await single(codecOf(A), 'decode', plain), plain);
    assert.deepEqual(await single(codecOf(undefined), 'encode', plain), plain);
    assert.deepEqual(await codecOf(A).decode([]), []);
  });

  it('names the key that it lacks, and what to do', async () => {
    const encrypted = await single(codecOf(A), 'encode', payloadOf(1));
    await assert.rejects(codecOf(B).decode([encrypted]), {
      code: 'SECRET_MISSING',
      message:
        'What Temporal keeps was encrypted with the key "2026a", and that is not in SYNCLINE_PAYLOAD_KEYS, which has "2026b". Give this process the same keys as the others.',
    });
    await assert.rejects(codecOf('').decode([encrypted]), /encrypted with the key "2026a", and that is not in SYNCLINE_PAYLOAD_KEYS, which is not set here\./);
    await assert.rejects(codecOf(`2026a:${key()}`).decode([encrypted]), /cannot be read with the one of that name in SYNCLINE_PAYLOAD_KEYS/);
  });

  it('refuses what was changed: a byte, its length, or the name of its key', async () => {
    const codec = codecOf(`${A},2026c:${A.split(':')[1]}`);
    const encrypted = await single(codec, 'encode', payloadOf('value'));
    const data = Buffer.from(encrypted.data ?? []);
    const changed = [
      { ...encrypted, data: Buffer.from(data.map((byte, index) => (index === 20 ? byte ^ 1 : byte))) },
      { ...encrypted, data: data.subarray(0, -1) },
      { ...encrypted, data: Buffer.alloc(0) },
      { ...encrypted, metadata: { ...encrypted.metadata, 'encryption-key-id': Buffer.from('2026c') } },
    ];
    for (const one of changed) await assert.rejects(codec.decode([one]), /it is another key, or what is kept was changed/);
  });
});

describe('SYNCLINE_PAYLOAD_KEYS', () => {
  it('that cannot be used is told without the keys in it', () => {
    const secret = key();
    const wrong: readonly (readonly [setting: string, why: RegExp])[] = [
      [secret, /key 1 has no name/],
      [`${A},${secret}`, /key 2 has no name/],
      [`a b:${secret}`, /key 1 has no name of letters/],
      [`2026a:${secret.slice(4)}`, /the key "2026a" is not 32 bytes in base64/],
      [`${A},2026a:${secret}`, /it has two keys named "2026a"/],
    ];
    for (const [setting, why] of wrong)
      assert.throws(
        () => parsePayloadKeys(setting),
        (error: Error) => why.test(error.message) && !error.message.includes(secret.slice(4)),
      );
    assert.deepEqual([parsePayloadKeys(undefined), parsePayloadKeys(' ,')], [[], []]);
  });
});
