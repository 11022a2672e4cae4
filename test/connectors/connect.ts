import type { TestContext } from 'node:test';
import { type ConnectionsOptions, openConnections } from '../../connectors/open-connections.ts';
import type { OpenConnection, OutgoingRecord, Page, RequestObserver, Source, Target } from '../../connectors/ports.ts';
import { type ResolvedConnection, resolvedConnectionSchema } from '../../definition/resolved.ts';
import type { Json, JsonObject } from '../../engine/json.ts';
import type { ChangeKind } from '../../engine/outcome.ts';
import { PATIENT_TIMEOUTS } from '../support/until.ts';

/** What a connection file and its connector come to. Objects are written as in YAML, and go through the schema. */
export function resolved(baseUrl: string, more: { readonly [key: string]: unknown } = {}): ResolvedConnection {
  return resolvedConnectionSchema.parse({
    name: 'crm',
    connector: 'generic-rest',
    baseUrl,
    auth: { type: 'none' },
    headers: {},
    limits: {},
    timeouts: PATIENT_TIMEOUTS,
    maxAnswerBytes: 64_000_000,
    allowPlainHttp: false,
    errors: [],
    hints: [],
    objects: {},
    ...more,
  });
}

/** Opens a connection of its own, closed with the test. */
export function connect(context: TestContext, connection: ResolvedConnection, options: Partial<ConnectionsOptions> = {}): OpenConnection {
  const connections = openConnections({ resolveSecrets: (value) => value, ...options });
  context.after(() => connections.close());
  return connections.open('acme/dev/crm', connection);
}

/** The source of an object described here. */
export function sourceOf(context: TestContext, baseUrl: string, contacts: { readonly [key: string]: unknown }, observer?: RequestObserver): Source {
  return connect(context, resolved(baseUrl, { objects: { contacts } })).source('contacts', observer);
}

/** The target of an object described here, matched on email. */
export function targetOf(context: TestContext, baseUrl: string, contacts: { readonly [key: string]: unknown }, observer?: RequestObserver): Target {
  return connect(context, resolved(baseUrl, { objects: { contacts } })).target('contacts', 'email', observer);
}

/** All pages of a list, from the start or from where an earlier page ended. */
export async function readAll(source: Source, cursor?: Json, atMost = 50): Promise<Page[]> {
  const pages: Page[] = [];
  for (let next = cursor; pages.length < atMost; ) {
    const page = await source.readPage({ window: {}, cursor: next });
    pages.push(page);
    if (page.next === undefined) break;
    next = page.next;
  }
  return pages;
}

export function keysOf(pages: readonly Page[]): string[] {
  return pages.flatMap((page) => page.records.map((record) => record.key));
}

export async function send(target: Target, kind: ChangeKind, records: readonly OutgoingRecord[]) {
  const permit = await target.acquirePermit();
  return target.send({ id: 'b_1', kind, records, permit, checkBeforeDispatch: async () => undefined });
}

export function outgoing(email: string, fields: JsonObject = {}, targetId?: string): OutgoingRecord {
  return { fields: { email, ...fields }, match: email, ...(targetId === undefined ? {} : { targetId }) };
}
