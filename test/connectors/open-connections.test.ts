import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { type ConnectionsOptions, openConnections } from '../../connectors/open-connections.ts';
import type { Connections, OpenConnection } from '../../connectors/ports.ts';
import { resolveSecrets } from '../../definition/secrets.ts';
import { SyncError } from '../../engine/errors.ts';
import { type Answer, json, serve } from '../http/local-server.ts';
import { resolved } from './connect.ts';

const LIST = { get: '/contacts', records: 'data' };
const OBJECTS = { contacts: { list: LIST } };
const ok: Answer = (_request, response) => json(response, { data: [] });

function open(context: TestContext, options: Partial<ConnectionsOptions> = {}): Connections {
  const connections = openConnections({ resolveSecrets: (value) => value, ...options });
  context.after(() => connections.close());
  return connections;
}

const read = (connection: OpenConnection) => connection.source('contacts').readPage({ window: {}, cursor: undefined });

describe('the connections of a process', () => {
  it('are opened once for each account, and share its pace', async (context) => {
    const server = await serve(context, ok);
    const connections = open(context);
    const definition = resolved(server.url, { objects: OBJECTS, limits: { requests: [{ count: 1, per: '200ms' }] } });
    const sameWithOtherOrder = resolved(server.url, { limits: { requests: [{ per: '200ms', count: 1 }] }, objects: OBJECTS });
    assert.equal(connections.open('acme/dev/crm', definition), connections.open('acme/dev/crm', sameWithOtherOrder));
    const startedAt = performance.now();
    await Promise.all([definition, sameWithOtherOrder, definition].map((one) => read(connections.open('acme/dev/crm', one))));
    assert.ok(performance.now() - startedAt > 350, 'three requests take two pauses');
  });

  it('of two accounts have nothing in common', async (context) => {
    const server = await serve(context, ok);
    const connections = open(context);
    const definition = resolved(server.url, { objects: OBJECTS, limits: { requests: [{ count: 1, per: '1h' }] } });
    await Promise.all(['acme/dev/crm', 'acme/production/crm'].map((account) => read(connections.open(account, definition))));
    assert.equal(server.received.length, 2, 'neither waits for the other');
  });

  it('keep pace and token where only the objects have changed', async (context) => {
    const server = await serve(context, ok);
    const connections = open(context);
    const limits = { requests: [{ count: 1, per: '200ms' }] };
    const startedAt = performance.now();
    await read(connections.open('acme/dev/crm', resolved(server.url, { objects: OBJECTS, limits })));
    const changed = { contacts: { list: { ...LIST, get: '/people' } } };
    await read(connections.open('acme/dev/crm', resolved(server.url, { objects: changed, limits })));
    assert.ok(performance.now() - startedAt > 150);
    assert.deepEqual(
      server.received.map(({ url }) => url),
      ['/contacts', '/people'],
    );
  });

  it('are replaced for later callers by a changed definition, while the earlier ones go on', async (context) => {
    const [before, after] = [await serve(context, ok), await serve(context, ok)];
    const connections = open(context);
    const earlier = connections.open('acme/dev/crm', resolved(before.url, { objects: OBJECTS }));
    const later = connections.open('acme/dev/crm', resolved(after.url, { objects: OBJECTS }));
    await Promise.all([read(earlier), read(later), read(earlier)]);
    assert.equal(before.received.length, 2);
    assert.equal(after.received.length, 1);
    assert.equal(connections.open('acme/dev/crm', resolved(before.url, { objects: OBJECTS })), earlier, 'a run frozen with the earlier one opens it again');
  });

  it('are closed together', async (context) => {
    const connections = open(context);
    const definition = resolved('http://127.0.0.1:1', { objects: { sink: { create: { post: '/sink' } } } });
    const targets = ['a', 'b'].map((account) => connections.open(account, definition).target('sink', 'email'));
    await connections.close();
    for (const target of targets) await assert.rejects(target.acquirePermit(), { code: 'SYSTEM_UNAVAILABLE', message: /was closed/ });
  });
});

describe('the secrets of a connection', () => {
  const auth = { type: 'bearer', token: '${secret:CRM_TOKEN}' };
  const headers = { 'X-Tenant': '${secret:TENANT}' };

  it('are put in place when it is opened, and a rotated one is used from then on', async (context) => {
    const server = await serve(context, ok);
    const secrets = new Map([
      ['CRM_TOKEN', 'first'],
      ['TENANT', 'acme'],
    ]);
    const environment = { setting: () => undefined, secret: (name: string) => secrets.get(name) };
    const connections = open(context, { resolveSecrets: (value) => resolveSecrets(value, environment) });
    const definition = resolved(server.url, { auth, headers, objects: OBJECTS });
    await read(connections.open('acme/dev/crm', definition));
    secrets.set('CRM_TOKEN', 'second');
    await read(connections.open('acme/dev/crm', definition));
    assert.deepEqual(
      server.received.map((request) => [request.headers.authorization, request.headers['x-tenant']]),
      [
        ['Bearer first', 'acme'],
        ['Bearer second', 'acme'],
      ],
    );
  });

  it('that are not set are named', (context) => {
    const environment = { setting: () => undefined, secret: () => undefined };
    const connections = open(context, { resolveSecrets: (value) => resolveSecrets(value, environment) });
    assert.throws(() => connections.open('acme/dev/crm', resolved('http://127.0.0.1:1', { auth })), { code: 'SECRET_MISSING', message: /CRM_TOKEN/ });
  });
});

describe('an open connection', () => {
  const invalid = (message: RegExp) => (error: unknown) => error instanceof SyncError && error.code === 'DEFINITION_INVALID' && message.test(error.message);

  it('says what it does not have', (context) => {
    const connection = open(context).open('a', resolved('http://127.0.0.1:1', { objects: { ...OBJECTS, sink: { create: { post: '/sink' } } } }));
    assert.throws(() => connection.source('contact'), invalid(/^Connection crm has no object "contact"\.$/));
    assert.throws(() => connection.source('toString'), invalid(/has no object/));
    assert.throws(() => connection.source('sink'), invalid(/crm\.sink cannot be read: its connector has no "list"/));
    assert.throws(() => connection.target('contacts', 'email'), invalid(/crm\.contacts cannot be written/));
  });

  it('probes by the endpoint for it', async (context) => {
    const server = await serve(context, ok);
    const connection = open(context).open('a', resolved(server.url, { probe: { get: '/me' }, objects: OBJECTS }));
    await connection.probe();
    assert.deepEqual(
      server.received.map(({ url }) => url),
      ['/me'],
    );
  });

  it('without one probes by a list, of which it reads the last minute where it can', async (context) => {
    const server = await serve(context, ok);
    const objects = { sink: { create: { post: '/sink' } }, contacts: { list: { ...LIST, query: { since: '{window.from}' } } } };
    await open(context).open('a', resolved(server.url, { objects })).probe();
    const since = Date.parse(new URL(server.received[0]?.url ?? '', 'http://x').searchParams.get('since') ?? '');
    assert.ok(Math.abs(Date.now() - since - 60_000) < 5_000);
  });

  it('tells of a probe that is refused', async (context) => {
    const server = await serve(context, (_request, response) => json(response, { message: 'no' }, 404));
    const connection = open(context).open('a', resolved(server.url, { probe: { get: '/me' } }));
    await assert.rejects(connection.probe(), { code: 'REQUEST_REJECTED', message: 'crm refused crm.probe (404): no. Check the endpoint in the connector.' });
  });

  it('passes on what the API announces, and what looks wrong in its answers, by name', async (context) => {
    const server = await serve(context, (_request, response) => json(response, { data: [{ id: 1 }], total: 9 }, 200, { deprecation: 'true' }));
    const warnings: string[] = [];
    const connections = open(context, { onWarning: (connection, message) => warnings.push(`${connection}: ${message}`) });
    const list = { ...LIST, page: { type: 'cursor', cursor: 'next', param: 'after', total: 'total' } };
    await read(connections.open('a', resolved(server.url, { objects: { contacts: { list } } })));
    assert.equal(warnings.length, 2);
    assert.ok(warnings.every((warning) => warning.startsWith('crm: ')));
    assert.match(warnings.join('\n'), /deprecat[^\n]*\n.*ended after fewer records|ended after fewer/i);
  });
});
