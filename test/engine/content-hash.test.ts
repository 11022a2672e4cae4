import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { utf8Bytes } from '../../engine/bytes.ts';
import { canonicalJson, hashContent } from '../../engine/content-hash.ts';
import type { Json } from '../../engine/json.ts';
import { isJsonObject } from '../../engine/json.ts';
import { isJsonArray } from '../../engine/plain-json.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

function reverseKeys(value: Json): Json {
  if (isJsonArray(value)) return value.map(reverseKeys);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, field]) => [key, reverseKeys(field)]),
  );
}

const jsonArbitrary = fc.json().map((text): Json => JSON.parse(text));

describe('content hash', () => {
  it('does not depend on the order of keys', () => {
    fc.assert(fc.property(jsonArbitrary, (value) => assert.equal(hashContent(reverseKeys(value), sha256), hashContent(value, sha256))));
  });

  it('differs where the content differs, and only there', () => {
    const near = fc.oneof(
      fc.tuple(jsonArbitrary, jsonArbitrary),
      fc.tuple(fc.constantFrom(0, '0', '', null, false, [], {}, [0], [[]]), fc.constantFrom(0, '0', '', null, false, [], {}, [0], [[]])),
    );
    fc.assert(
      fc.property(near, ([left, right]) => {
        // -0 is 0 in JSON
        const [a, b]: unknown[] = [JSON.parse(JSON.stringify(left)), JSON.parse(JSON.stringify(right))];
        assert.equal(hashContent(left, sha256) === hashContent(right, sha256), isDeepStrictEqual(a, b));
      }),
    );
  });

  it('a value of any depth has a canonical text', () => {
    const nest = (inner: string) => `${'{"a":['.repeat(5_000)}${inner}${']}'.repeat(5_000)}`;
    assert.equal(canonicalJson(JSON.parse(nest('{"d":"x","c":null,"b":[1,[]]}'))), nest('{"b":[1,[]],"c":null,"d":"x"}'));
  });

  it('canonical text is JSON for the same value, sorted and without spaces', () => {
    assert.equal(canonicalJson({ b: [1.0, -0, 1e21, 0.1], a: { é: 'x"', A: null } }), '{"a":{"A":null,"é":"x\\""},"b":[1,0,1e+21,0.1]}');
    fc.assert(fc.property(jsonArbitrary, (value) => assert.deepEqual(JSON.parse(canonicalJson(value)), JSON.parse(JSON.stringify(value)))));
  });
});

describe('bytes', () => {
  it('counts what an encoder writes', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: fc.constantFrom('\ud800', '\udc00', 'a', 'é', '€', '😀') })), (text) =>
        assert.equal(utf8Bytes(text), Buffer.byteLength(text)),
      ),
    );
  });
});
