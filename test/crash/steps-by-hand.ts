import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { pino } from 'pino';
import { z } from 'zod';
import type { ActivityDependencies } from '../../activities/dependencies.ts';
import { openConnections } from '../../connectors/open-connections.ts';
import { loadProject } from '../../definition/load-project.ts';
import { definitionHash, resolveSync } from '../../definition/resolve-sync.ts';
import { syncScope } from '../../engine/ids.ts';
import type { Ledger, RefusalTerms, StagedRecord } from '../../ledger/ledger.ts';
import { openLedger } from '../../ledger/open-ledger.ts';
import { NO_ALERTS } from '../support/no-alerts.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

export const TERMS: RefusalTerms = { mappingHash: 'm', afterMs: [1_000], untilMs: 1_000 };

/** What the steps of a sync's runs work with, over a real ledger of their own, for a test that takes each step by hand. */
export async function beginSteps(
  context: TestContext,
  files: Readonly<Record<string, string>>,
  sync: string,
): Promise<{ readonly ledger: Ledger; readonly scope: string; readonly hash: string; readonly dependencies: ActivityDependencies }> {
  const directory = mkdtempSync(join(tmpdir(), 'syncline-crash-'));
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, file)), { recursive: true });
    writeFileSync(join(directory, file), text);
  }
  const ledger = await openLedger({ url: 'sqlite', directory, values: 'plain' });
  const connections = openConnections({ resolveSecrets: (value) => value });
  context.after(async () => {
    await connections.close();
    await ledger.close();
    rmSync(directory, { recursive: true, force: true });
  });
  const definition = resolveSync(loadProject(directory, { env: {} }), sync);
  const hash = definitionHash(definition, sha256);
  const scope = syncScope(definition.ref);
  await ledger.saveDefinition(hash, scope, z.json().parse(JSON.parse(JSON.stringify(definition))), Date.now());
  const dependencies: ActivityDependencies = {
    ledger,
    connections,
    ...NO_ALERTS,
    loadSync: async () => ({ definition, hash }),
    actor: { user: 'somebody', host: 'here', way: 'worker', project: 'acme', profile: 'dev' },
    loadGraph: async () => ({ steps: [], closing: [] }),
    heartbeatTimeoutMs: 3_000,
    draining: new AbortController().signal,
    log: pino({ level: 'silent' }),
    now: () => Date.now(),
    random: () => Math.random(),
    makeToken: () => randomUUID(),
    sha256,
  };
  return { ledger, scope, hash, dependencies };
}

/** A run begins, and its first segment has a reader. */
export async function beginRun(ledger: Ledger, { id, scope, hash }: { readonly id: string; readonly scope: string; readonly hash: string }): Promise<void> {
  const at = Date.now();
  await ledger.openRun({ id, scope, definitionHash: hash, trigger: 'manual', workflowId: 'sync', firstExecutionRunId: `execution of ${id}`, window: {}, at });
  await ledger.openSegment(id, 0, at);
  await ledger.claimReader(id, 0, 'reader');
}

/** The one page of the run `r_1`. */
export async function stageRecords(ledger: Ledger, targetScope: string, records: readonly StagedRecord[]): Promise<void> {
  const at = Date.now();
  await ledger.stagePage({
    runId: 'r_1',
    segment: 0,
    token: 'reader',
    targetScope,
    records,
    isRetry: false,
    terms: TERMS,
    nextCursor: undefined,
    isLast: true,
    observedAt: at,
    bytes: 50,
    cost: { requests: 0, retries: 0, throttled: 0 },
    isSealed: false,
    at,
  });
}
