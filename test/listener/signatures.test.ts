import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { makeHook } from '../../listener/deliveries/hooks.ts';
import { checkWithAny, makeSignatureCheck } from '../../listener/signatures/make-signature-check.ts';
import { shippedConnector } from '../connectors/shipped-connector.ts';
import { FILES, Listening } from './listening.ts';
import { SIGNERS, type Signer } from './signers.ts';

const MAX_AGE_MS = 300_000;
const URL = 'https://hooks.acme.test/webhooks/crm';
const BODY = Buffer.from('[{"id":1,"name":"Zoë 💡"}]');

async function judge(signer: Signer, headers: Record<string, string>, body: Buffer, secrets: readonly string[] = [signer.secret], receivedAt = Date.now()) {
  const check = makeSignatureCheck(signer.signature, MAX_AGE_MS);
  return checkWithAny(check, { method: 'POST', url: URL, headers, body, receivedAt }, secrets);
}

/** One byte of it is another. */
const alteredArbitrary = (bytes: Buffer) =>
  fc.tuple(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 })).map(([at, by]) => {
    const altered = Buffer.from(bytes);
    altered[at] = (altered[at] ?? 0) ^ by;
    return altered;
  });

for (const [name, signer] of Object.entries(SIGNERS)) {
  const { secret, otherSecret, hasTime, signsBody } = signer;

  describe(name, () => {
    it('believes what was signed with the secret, whatever the body', async () => {
      await fc.assert(
        fc.asyncProperty(fc.string({ unit: 'binary', minLength: 1, maxLength: 200 }), async (text) => {
          const body = Buffer.from(text.toWellFormed());
          const headers = await signer.headers({ body, url: URL, at: Date.now() }, secret);
          assert.ok((await judge(signer, headers, body)) !== undefined);
        }),
        { numRuns: 30 },
      );
    });

    it('believes either of two secrets, and no third; never an empty one', async () => {
      const headers = await signer.headers({ body: BODY, url: URL, at: Date.now() }, otherSecret);
      assert.ok(await judge(signer, headers, BODY, [secret, otherSecret]));
      assert.equal(await judge(signer, headers, BODY, [secret]), undefined);
      assert.equal(await judge(signer, headers, BODY, ['', secret]), undefined);
      assert.equal(await judge(signer, {}, BODY), undefined);
    });

    it('refuses a body or a signature of which any byte is another', async () => {
      const headers = await signer.headers({ body: BODY, url: URL, at: Date.now() }, secret);
      if (signsBody)
        await fc.assert(
          fc.asyncProperty(alteredArbitrary(BODY), async (body) => assert.equal(await judge(signer, headers, body), undefined)),
          { numRuns: 100 },
        );
      for (const [header, value] of Object.entries(headers)) {
        const altered = alteredArbitrary(Buffer.from(value, 'latin1')).map((bytes) => bytes.toString('latin1'));
        await fc.assert(
          fc.asyncProperty(
            altered.filter((text) => text.toLowerCase() !== value.toLowerCase()),
            async (text) => assert.equal(await judge(signer, { ...headers, [header]: text }, BODY), undefined),
          ),
          { numRuns: 100 },
        );
      }
    });

    if (hasTime)
      it('refuses what was signed too long ago, or will be', async () => {
        const now = Date.now();
        for (const [by, isBelieved] of [
          [-310_000, false],
          [-290_000, true],
          [290_000, true],
          [310_000, false],
        ] as const) {
          const headers = await signer.headers({ body: BODY, url: URL, at: now + by }, secret);
          assert.equal((await judge(signer, headers, BODY, [secret], now)) !== undefined, isBelieved, `${by} ms`);
        }
      });

    it(hasTime ? 'tells what no other delivery can have' : 'claims no proof against a replay', async () => {
      const headers = await signer.headers({ body: BODY, url: URL, at: Date.now() }, secret);
      assert.equal((await judge(signer, headers, BODY))?.once !== undefined, hasTime);
    });
  });
}

describe('published vectors', () => {
  const request = { method: 'POST', url: URL, receivedAt: 0 };

  it("GitHub's", async () => {
    const headers = { 'x-hub-signature-256': 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17' };
    const check = makeSignatureCheck({ type: 'github' }, MAX_AGE_MS);
    assert.ok(await checkWithAny(check, { ...request, headers, body: Buffer.from('Hello, World!') }, ["It's a Secret to Everybody"]));
  });

  it('that of Standard Webhooks, at its own time; a byte that is none of UTF-8 is refused, although the library takes all of them for the same', async (test) => {
    test.mock.timers.enable({ apis: ['Date'], now: 1_614_265_330_000 });
    const headers = {
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,AAAA v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    };
    const check = makeSignatureCheck({ type: 'standard-webhooks' }, MAX_AGE_MS);
    const judged = (body: Buffer) => checkWithAny(check, { ...request, receivedAt: Date.now(), headers, body }, ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw']);
    assert.deepEqual(await judged(Buffer.from('{"test": 2432232314}')), { once: 'msg_p5jXN8AQM9LWM0D4loKWxJek' });
    assert.equal(await judged(Buffer.from([0xff])), undefined);
  });

  it("Zendesk's, by the secret that it signs tests with: the time stands before the body, and neither can be another's", async () => {
    const signer = SIGNERS['zendesk, as its documentation says, by what ships'];
    assert.ok(signer !== undefined);
    const check = makeSignatureCheck(signer.signature, MAX_AGE_MS);
    const judged = (time: string) => {
      const headers = { 'x-zendesk-webhook-signature': 'P2iKOs0eFBXbqjyUNxNnoWmoN/cSSkVqIRoRhYZhv5o=', 'x-zendesk-webhook-signature-timestamp': time };
      const body = Buffer.from('{"say": "hello"}');
      return checkWithAny(check, { ...request, receivedAt: Date.parse('2021-03-25T05:10:00Z'), headers, body }, [signer.secret]);
    };
    assert.ok(await judged('2021-03-25T05:09:27Z'));
    for (const time of ['2021-03-25T05:09:28Z', '2021-03-25', 'now', '']) assert.equal(await judged(time), undefined, time);
  });

  it('what HubSpot decodes of an address before it signs it is decoded here too', async () => {
    const signer = SIGNERS['hubspot-v3, by @hubspot/api-client'];
    assert.ok(signer !== undefined);
    const at = Date.now();
    const headers = await signer.headers({ body: BODY, url: 'https://hooks.acme.test/webhooks/crm?for=a:b@c', at }, signer.secret);
    const check = makeSignatureCheck(signer.signature, MAX_AGE_MS);
    const url = 'https://hooks.acme.test/webhooks/crm?for=a%3Ab%40c';
    assert.ok(await checkWithAny(check, { method: 'POST', url, headers, body: BODY, receivedAt: at }, [signer.secret]));
  });
});

describe('deliveries as vendors document them, of connectors that ship', () => {
  for (const [name, signedBy] of [
    ['shopify', "shopify, as its documentation's example"],
    ['zendesk', 'zendesk, as its documentation says, by what ships'],
  ] as const) {
    it(`${name}'s are believed by no more than the secret, and name their records`, async () => {
      const signer = SIGNERS[signedBy];
      const { signature, delivery, each, events, examples = [] } = shippedConnector(name).webhooks ?? {};
      assert.ok(signer !== undefined && signature !== undefined && events !== undefined && examples.length > 0);
      const times = { maxAgeMs: MAX_AGE_MS, rememberMs: 1, rate: { count: 1, perMs: 1 } };
      const hook = makeHook({ connection: name, signature, secrets: [signer.secret], delivery, each, events, ...times }, []);
      for (const example of examples) {
        const body = Buffer.from(JSON.stringify(example.body));
        const at = Date.now();
        const headers = { ...example.headers, ...(await signer.headers({ body, url: URL, at }, signer.secret)) };
        assert.ok(await hook.judge({ method: 'POST', url: URL, headers, body, receivedAt: at }));
        const read = await hook.read({ headers, body: JSON.parse(body.toString()) });
        assert.ok(read?.id);
        assert.deepEqual(
          read.events.map(({ object, key, kind }) => ({ object, key, kind })),
          example.tells,
        );
      }
    });
  }
});

it('a listener does not begin with a secret that is not written as it is to be: an empty key would let anybody sign', async () => {
  const crm = FILES['connections/crm.yaml'] ?? '';
  const begin = async (signature: string, secrets = '') => {
    const files = { 'connections/crm.yaml': crm.replace('{ type: github }', signature), '.env': `${FILES['.env']}\n${secrets}\n` };
    await (await Listening.start(files)).end();
  };
  const hmac = (secretEncoding: string) => `{ type: hmac, header: X-Signature, secretEncoding: ${secretEncoding} }`;
  await assert.rejects(begin(hmac('hex')), /secrets\.0 of connection crm cannot be used: it is not written in hex/);
  await assert.rejects(begin(hmac('base64'), 'CRM_SECRET=two words'), /it is not written in base64/);
  await assert.rejects(begin('{ type: standard-webhooks }'), /one of Standard Webhooks is whsec_ and base64/);
  await begin(hmac('hex'), 'CRM_SECRET=00ff\nCRM_SECRET_NEW=A1');
});
