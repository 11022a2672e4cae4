import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { loadProject } from '../../definition/load-project.ts';
import { resolveListen, resolveWebhooks } from '../../definition/resolve-webhooks.ts';
import { changed, ENV, type Files, linesOf, loadFiles, makeFolder } from './make-project.ts';

const CRM = 'connections/crm.yaml';
const API = 'connectors/shop.yaml';
const PROJECT = 'syncline.yaml';
const SECRETS = { ...ENV, CRM_SECRET: 'hook-secret-1', CRM_SECRET_NEW: 'hook-secret-2', API_TOKEN: 'api-token-1' };
const EVENTS = 'events: [{ object: contacts, key: event.id }]';
const WEBHOOKS = `webhooks: { secrets: ["\${secret:CRM_SECRET}"], signature: { type: github }, ${EVENTS} }`;

const asksForEvents = (object: string) =>
  [`object: ${object} }`, `object: ${object}, incremental: { cursorField: updated_at }, events: { read: payload } }`] as const;

/** The good project, whose CRM sends what a test says, and whose sync asks for it. */
const withCrm = (webhooks: string, project = 'name: acme\n'): Files =>
  changed({ [CRM]: [['profiles:', `${webhooks}\nprofiles:`]], [PROJECT]: project, 'syncs/contacts.yaml': [asksForEvents('contacts')] });

describe('webhooks in definitions', () => {
  it('of a connection are its own keys, before those of its connector, with all defaults', (test) => {
    const connector = `webhooks: { signature: { type: stripe }, delivery: body.id, maxAge: 1m, events: [{ object: people, key: event.id, when: "event.is" }] }\n`;
    const files = changed({
      [API]: [['baseUrl:', `${connector}baseUrl:`]],
      'connections/shop.yaml': [
        [
          'shared: true',
          'shared: true\nwebhooks: { secrets: ["${secret:CRM_SECRET}", "${secret:CRM_SECRET_NEW}"], remember: 2d, rate: { count: 5, per: 1m } }',
        ],
      ],
    });
    const project = loadProject(makeFolder(test, files), { env: SECRETS });
    assert.deepEqual(linesOf(project), [
      'connections/shop.yaml:3:1 warning: webhooks: nothing is done with deliveries: no sync that reads shop has `source.events`',
    ]);
    assert.deepEqual(resolveWebhooks(project), [
      {
        connection: 'shop',
        signature: { type: 'stripe' },
        secrets: ['${secret:CRM_SECRET}', '${secret:CRM_SECRET_NEW}'],
        delivery: 'body.id',
        each: undefined,
        events: [{ object: 'people', key: 'event.id', when: 'event.is', kind: 'changed' }],
        maxAgeMs: 60_000,
        rememberMs: 172_800_000,
        rate: { count: 5, perMs: 60_000 },
      },
    ]);
    assert.deepEqual(resolveListen(project), { publicUrl: undefined, tokens: [], maxBytes: 1_000_000 });
  });

  it("of a profile's account go before those of the connection", (test) => {
    const account = `webhooks: { secrets: ["\${secret:CRM_SECRET_NEW}"], signature: { type: shopify }, ${EVENTS} }`;
    const files = withCrm(WEBHOOKS, 'name: acme\nlisten: { publicUrl: "https://hooks.acme.test/", tokens: ["${secret:API_TOKEN}"], maxBytes: 2MB }\n');
    const project = loadFiles(test, { ...files, [CRM]: (files[CRM] ?? '').replace('  dev:\n', `  dev:\n    ${account}\n`) }, { env: SECRETS });
    assert.deepEqual(linesOf(project), []);
    assert.deepEqual(
      resolveWebhooks(project).map(({ signature, secrets }) => [signature.type, secrets]),
      [['shopify', ['${secret:CRM_SECRET_NEW}']]],
    );
    assert.deepEqual(resolveListen(project), { publicUrl: 'https://hooks.acme.test', tokens: ['${secret:API_TOKEN}'], maxBytes: 2_000_000 });
  });

  for (const [connector, object] of [
    ['hubspot', 'contacts'],
    ['shopify', 'customers'],
    ['stripe', 'customers'],
    ['zendesk', 'tickets'],
  ] as const) {
    it(`of ${connector} need no more than the secret, and the sync says that it is told`, (test) => {
      const account = `connector: ${connector}\nshared: true\nbaseUrl: https://crm.test\nauth: { type: bearer, token: "\${secret:CRM_TOKEN}" }`;
      const files = changed({
        [PROJECT]: 'name: acme\nlisten: { publicUrl: "https://hooks.acme.test" }\n',
        'connections/told.yaml': `${account}\nwebhooks: { secrets: ["\${secret:CRM_SECRET}"] }\n`,
        'syncs/told.yaml': `source: { connection: told, object: ${object}, events: {} }\ntarget: { connection: shop, object: people, matchOn: email }\nmapping: { email: email }\n`,
      });
      const project = loadFiles(test, files, { env: SECRETS });
      assert.deepEqual(linesOf(project), []);
      const [told] = resolveWebhooks(project);
      assert.ok(told?.events.some((rule) => rule.object === object));
    });
  }

  it('of the manual are right as they are written', (test) => {
    const manual = readFileSync(new URL('../../docs/operating.md', import.meta.url), 'utf8');
    const example = /# connections\/acme\.yaml[^\n]*\n(webhooks:\n.*?)```/s.exec(manual)?.[1] ?? '';
    assert.deepEqual(linesOf(loadFiles(test, withCrm(example), { env: { ...SECRETS, ACME_WEBHOOK_SECRET: 'hush' } })), []);
    const [first] = resolveWebhooks(loadFiles(test, withCrm(example)));
    assert.equal(first?.events.length, 2);
  });

  const mistakes: readonly (readonly [name: string, webhooks: string, ...lines: readonly string[]])[] = [
    [
      'without a signature and events, where the connector knows none',
      'webhooks: { secrets: ["${secret:CRM_SECRET}"] }',
      `${CRM}:2:1 webhooks: signature is required: the connector generic-rest knows no webhooks`,
      `${CRM}:2:1 webhooks: events is required: the connector generic-rest knows no webhooks`,
    ],
    [
      'an unknown object, and a name that no event has',
      WEBHOOKS.replace('object: contacts, key: event.id', 'object: contact, key: record.id'),
      `${CRM}:2:96 webhooks.events.0.object: there is no object "contact" here, did you mean "contacts"?`,
      `${CRM}:2:110 webhooks.events.0.key: there is no "record" here, only event, headers, body`,
      'syncs/contacts.yaml:1:88 warning: source.events: no delivery ever comes: crm has none of contacts among the events of its `webhooks`',
    ],
    [
      'a secret that is written out',
      WEBHOOKS.replace('${secret:CRM_SECRET}', 'hush'),
      `${CRM}:2:23 webhooks.secrets.0: a secret must not stand in a file: write \${secret:NAME}, and put its value into .env`,
    ],
    [
      'an address that is signed and not known',
      WEBHOOKS.replace('github', 'hubspot-v3'),
      `${CRM}:2:1 webhooks: the public address is part of what is signed: say in syncline.yaml how the listener is reached, listen: { publicUrl: https://… }`,
    ],
    [
      'a delivery that is forgotten while its time still counts',
      WEBHOOKS.replace('{ type: github }', '{ type: stripe }, maxAge: 1h, remember: 119m'),
      `${CRM}:2:99 webhooks.remember: remember must be at least twice maxAge: a delivery that is forgotten while its time still counts could be sent again by whoever has seen it`,
    ],
    [
      'a time that counts for longer than deliveries are known',
      WEBHOOKS.replace('{ type: github }', '{ type: stripe }, maxAge: 4d'),
      `${CRM}:2:85 webhooks.maxAge: remember must be at least twice maxAge: a delivery that is forgotten while its time still counts could be sent again by whoever has seen it`,
    ],
    [
      'a time that is not signed',
      WEBHOOKS.replace('type: github', 'type: hmac, header: X-Sign, timestamp: { header: X-Time }'),
      `${CRM}:2:100 webhooks.signature.timestamp: is not part of \`signed\`, so it could be changed by anybody: insert {timestamp} there, or leave it out`,
    ],
    [
      'a time that is signed and in no header',
      WEBHOOKS.replace('type: github', 'type: hmac, header: X-Sign, signed: "{timestamp}.{body}"'),
      `${CRM}:2:97 webhooks.signature.signed: inserts {timestamp}: say in \`timestamp\` which header has it`,
    ],
  ];
  for (const [name, webhooks, ...lines] of mistakes)
    it(`tell ${name}`, (test) => assert.deepEqual(linesOf(loadFiles(test, withCrm(webhooks), { env: SECRETS })), lines));

  it('may forget soon what has no time, or is known for twice as long as its time counts', (test) => {
    for (const kept of ['{ type: github }, remember: 1m', '{ type: stripe }, maxAge: 1h, remember: 2h'])
      assert.deepEqual(linesOf(loadFiles(test, withCrm(WEBHOOKS.replace('{ type: github }', kept)), { env: SECRETS })), []);
  });

  it('stop no run where only the listener lacks a secret: they warn', (test) => {
    const project = loadFiles(test, withCrm(WEBHOOKS, 'name: acme\nlisten: { tokens: ["${secret:API_TOKEN}"] }\n'));
    const where = 'put it into the environment, .env, or a file in SYNCLINE_SECRETS_DIR';
    assert.deepEqual(linesOf(project), [
      `${CRM}:2:23 warning: webhooks.secrets.0: the secret CRM_SECRET is not set here, without it \`syncline listen\` does not start: ${where}`,
      `${PROJECT}:2:20 warning: listen.tokens.0: the secret API_TOKEN is not set here, without it \`syncline listen\` does not start: ${where}`,
    ]);
  });

  it('want TLS for the public address, unless it is this machine', (test) => {
    const project = loadFiles(test, withCrm(WEBHOOKS, 'name: acme\nlisten: { publicUrl: "http://hooks.acme.test" }\n'), { env: SECRETS });
    assert.match(linesOf(project).join('\n'), /listen\.publicUrl: plain http to hooks\.acme\.test/);
  });
});
