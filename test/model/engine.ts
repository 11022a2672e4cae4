import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { pino } from 'pino';
import { createActivities } from '../../activities/create-activities.ts';
import { makePlan } from '../../client/planning/make-plan.ts';
import type { Plan } from '../../client/planning/plan.ts';
import { openConnections } from '../../connectors/open-connections.ts';
import type { Connections, Source } from '../../connectors/ports.ts';
import { loadProject } from '../../definition/load-project.ts';
import { definitionHash, resolveSync } from '../../definition/resolve-sync.ts';
import type { ResolvedSync } from '../../definition/resolved.ts';
import { SyncError } from '../../engine/errors.ts';
import { reconciliationIdOf, syncScope, syncWorkflowId } from '../../engine/ids.ts';
import type { ConflictPolicy } from '../../engine/merge-fields.ts';
import type { RunTotals, SyncMode } from '../../engine/outcome.ts';
import type { RunPhase } from '../../engine/run.ts';
import type { Finding } from '../../ledger/drift-store.ts';
import type { Ledger, RecordState } from '../../ledger/ledger.ts';
import { openLedger } from '../../ledger/open-ledger.ts';
import { NO_ALERTS } from '../support/no-alerts.ts';
import { Dead, mortal } from './mortal.ts';
import { ARCHIVED_CITY } from './reference.ts';
import type { Engine } from './story.ts';

const SYNC = 'people';
const LONGEST_PAUSE_MS = 60;
/** The clock of the engine runs so much faster than ours: what a lost answer must be waited for is over soon. */
const HASTE = 10;
const BEGAN_AT = Date.now();
const hastened = (at: number) => BEGAN_AT + (at - BEGAN_AT) * HASTE;
const now = () => hastened(Date.now());
const SILENT = new DefaultLogger('ERROR');
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

type RunRequest = Parameters<Ledger['requestRun']>[0];

interface RunKind {
  readonly trigger?: RunRequest['trigger'];
  readonly options?: RunRequest['options'];
  readonly planned?: Plan['changes'];
  /** Reads the target back at the end, and sends again what is not as it was written. @default false */
  readonly isRepairing?: boolean;
}

/** Every activity of a sync in the order of its workflow, on a real ledger and over real HTTP, in this process: a run takes milliseconds. */
export class InProcessEngine implements Engine {
  readonly #definition: ResolvedSync;
  readonly #hash: string;
  readonly #ledger: Ledger;
  readonly #connections: Connections;
  #runs = 0;

  private constructor(parts: { definition: ResolvedSync; hash: string; ledger: Ledger; connections: Connections }) {
    this.#definition = parts.definition;
    this.#hash = parts.hash;
    this.#ledger = parts.ledger;
    this.#connections = parts.connections;
  }

  static async open(definition: ResolvedSync, directory: string): Promise<InProcessEngine> {
    const ledger = await openLedger({ url: 'sqlite::memory:', directory, values: 'plain', encryptionKey: Buffer.alloc(32, 7).toString('base64') });
    const connections = onOneClock(openConnections({ resolveSecrets: (value) => value }));
    return new InProcessEngine({ definition, hash: definitionHash(definition, sha256), ledger, connections });
  }

  async close(): Promise<void> {
    await this.#connections.close();
    await this.#ledger.close();
  }

  /** What a run would do now, as the command line says it. */
  async plan(): Promise<Plan> {
    return makePlan({
      definition: this.#definition,
      hash: this.#hash,
      ledger: this.#ledger,
      open: (name, account) => this.#connections.open(account, connectionOf(this.#definition, name)),
      isFull: false,
      signal: new AbortController().signal,
      onProgress: () => undefined,
      onTrouble: () => undefined,
    });
  }

  /** A person takes the source's side in a conflict. */
  async takeSource(key: string): Promise<boolean> {
    return this.#ledger.resolveConflict(syncScope(this.#definition.ref), key, 'source', now());
  }

  /** A run that ends with a comparison, and repairs what it finds. */
  async runAndRepair(): Promise<RunTotals> {
    return this.run(this.#ledger, { isRepairing: true });
  }

  /** What such a run is seen to do after it has read, step by step. */
  async stepsOfRunAndRepair(): Promise<readonly RunPhase[]> {
    const seen: RunPhase[] = [];
    const setPhase: Ledger['setPhase'] = async (runId, phase) => {
      await this.#ledger.setPhase(runId, phase);
      const run = await this.#ledger.readRun(runId);
      if (run !== undefined) seen.push(run.phase);
    };
    await this.run({ ...this.#ledger, setPhase }, { isRepairing: true });
    return seen;
  }

  /** All that the ledger says of the records. */
  async known(): Promise<readonly RecordState[]> {
    return this.#ledger.listRecords(syncScope(this.#definition.ref), { limit: 1_000 });
  }

  /** Killed before so many calls of the ledger, if the run comes so far. */
  async runAndKill(calls: number): Promise<void> {
    try {
      await this.run(mortal(this.#ledger, calls));
    } catch (error) {
      if (!(error instanceof Dead)) throw error;
    }
  }

  /** Does what a plan says, and nothing else. */
  async apply({ changes }: Plan): Promise<RunTotals> {
    return this.run(this.#ledger, { trigger: 'plan', options: { plan: {} }, planned: changes });
  }

  /** What the target has otherwise than it was told. */
  async reconcile(): Promise<readonly Finding[]> {
    const { id } = await attempt(async () => {
      this.#runs += 1;
      const named = `c_${this.#runs}`;
      await this.#activities(this.#ledger).reconcile({ ref: this.#definition.ref, id: named });
      return { id: named };
    });
    return this.#ledger.listFindings(id, { limit: 100 });
  }

  /** As the command line repairs what was found: what was told is believed no more, and these records are sent again. */
  async repair(findings: readonly Finding[]): Promise<RunTotals> {
    const records = findings.flatMap(({ key, kind }) => (key === undefined ? [] : [{ key, isMissing: kind === 'missing' }]));
    await this.#ledger.doubtTold(syncScope(this.#definition.ref), records);
    return this.run(this.#ledger, { trigger: 'keys', options: { keys: records.map(({ key }) => key) } });
  }

  /** @returns the totals of its closed books; deletes are approved */
  async run(ledger = this.#ledger, { trigger = 'manual', options = {}, planned, isRepairing = false }: RunKind = {}): Promise<RunTotals> {
    this.#runs += 1;
    const runId = `r_${String(this.#runs).padStart(10, '0')}`;
    const { ref } = this.#definition;
    const activities = this.#activities(ledger);
    const workflowId = syncWorkflowId(ref);
    await ledger.requestRun({ id: runId, scope: syncScope(ref), trigger, options, at: now() });
    if (planned !== undefined) await ledger.addPlanned(runId, planned);
    const plan = await attempt(() => activities.planRun({ ref, runId, trigger, firstExecutionRunId: runId }), workflowId);
    const write = async (segment: number) => {
      while ((await attempt(() => activities.writeBatches({ runId, segment }))).state !== 'drained');
    };
    for (let segment = 0, isLast = false; !isLast; segment++) {
      // Nobody of a process that was killed goes on in the background.
      const [read, written] = await Promise.allSettled([attempt(() => activities.pageSource({ runId, segment })), write(segment)]);
      if (read.status === 'rejected') throw read.reason;
      if (written.status === 'rejected') throw written.reason;
      isLast = read.value.isLast;
    }
    if (plan.takesAway === true) {
      const { segment, passedOn } = await attempt(() => activities.sweepDeletes({ runId, isApproved: true }));
      for (const staged of [passedOn, segment]) if (staged !== undefined) await write(staged);
    }
    if (isRepairing) {
      const reconciliationId = reconciliationIdOf(runId);
      await attempt(() => activities.reconcile({ ref, id: reconciliationId }), workflowId);
      await write(await attempt(() => activities.stageRepairs({ runId, reconciliationId })));
    }
    const settled = await attempt(() => activities.settleRun({ ref, runId, ending: 'completed' }));
    if (settled.state === 'books-open') throw new Error(`the books of ${runId} are open: ${JSON.stringify(settled.totals)}`);
    return settled.totals;
  }

  #activities(ledger: Ledger) {
    return createActivities({
      ledger,
      connections: this.#connections,
      ...NO_ALERTS,
      loadSync: async () => ({ definition: this.#definition, hash: this.#hash }),
      actor: { user: 'somebody', host: 'here', way: 'worker', project: 'acme', profile: 'dev' },
      loadGraph: async () => ({ steps: [], closing: [] }),
      heartbeatTimeoutMs: 600_000,
      draining: new AbortController().signal,
      log: pino({ level: 'silent' }),
      now,
      random: () => Math.random(),
      makeToken: () => randomUUID(),
      sha256,
    });
  }
}

/** HTTP has the clock of the machine: what it says of a page is told in the engine's. */
function onOneClock(connections: Connections): Connections {
  return {
    ...connections,
    open: (...account) => {
      const opened = connections.open(...account);
      return {
        ...opened,
        source: (...object) => {
          const source = opened.source(...object);
          const readPage: Source['readPage'] = async (read) => {
            const page = await source.readPage(read);
            return { ...page, observedAt: hastened(page.observedAt) };
          };
          return { ...source, readPage };
        },
      };
    },
  };
}

function connectionOf(definition: ResolvedSync, name: string) {
  const connection = definition.connections[name];
  if (connection === undefined) throw new Error(`no connection ${name}`);
  return connection;
}

/** As Temporal tries a step again; its pauses are cut short. */
async function attempt<Result>(step: () => Promise<Result>, workflowId = 'model'): Promise<Result> {
  for (let attempts = 1; ; attempts++) {
    try {
      return await new MockActivityEnvironment({ workflowExecution: { workflowId, runId: 'model' } }, { logger: SILENT }).run(step);
    } catch (error) {
      if (!(error instanceof SyncError) || error.retry === 'never' || attempts > 50) throw error;
      await sleep(Math.min(LONGEST_PAUSE_MS, typeof error.retry === 'object' ? error.retry.afterMs : LONGEST_PAUSE_MS));
    }
  }
}

export interface SyncKind {
  readonly mode: SyncMode;
  readonly policy: ConflictPolicy;
  /** `delete.scope`. */
  readonly takesLinked: boolean;
}

/** The definition of one kind of sync, as a person writes it. */
export function defineSync(url: string, kind: SyncKind): ResolvedSync {
  const directory = mkdtempSync(join(tmpdir(), 'syncline-model-'));
  try {
    for (const [file, text] of Object.entries(modelProject(url, kind))) {
      mkdirSync(dirname(join(directory, file)), { recursive: true });
      writeFileSync(join(directory, file), text);
    }
    return resolveSync(loadProject(directory, { env: {} }), SYNC);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

export function modelProject(url: string, { mode, policy, takesLinked }: SyncKind): Readonly<Record<string, string>> {
  const write = `applyDelay: 0s, body: { items: "{records}" }, results: { at: results, by: index, id: id, created: created, error: error, status: status }`;
  const named = mode === 'archive' ? `{ archive: { set: { city: ${ARCHIVED_CITY} } } }` : mode;
  return {
    'syncline.yaml': 'name: model\n',
    'connections/world.yaml': `
connector: generic-rest
shared: true
baseUrl: ${url}
timeouts: { request: 2s }
objects:
  people:
    list: { get: /people, records: $, page: { type: none } }
    get: { get: "/people/{id}" }
  contacts:
    search: { get: /contacts, query: { emails: "{$join(keys, ',')}" }, records: $, max: 50 }
    upsert: { post: /contacts/upsert, max: 3, ${write} }
    ${mode === 'insert' ? `create: { post: /contacts/upsert, max: 3, ${write} }` : ''}
    update: { post: /contacts/update, record: "{$merge([fields, {'id': id}])}", max: 3, ${write} }
    delete: { post: /contacts/delete, record: { id: "{id}" }, max: 3, ${write} }
`,
    [`syncs/${SYNC}.yaml`]: `
source: { connection: world, object: people, primaryKey: id }
target: { connection: world, object: contacts, matchOn: email, mode: ${named} }
mapping: { email: mail, name: name, city: city }
conflict: { policy: ${policy} }
${takesLinked && (mode === 'mirror' || mode === 'archive') ? 'delete: { scope: linked }' : ''}
guard: { maxRejectedPercent: 100, maxDeletes: 100, maxDeletedPercent: 100 }
`,
  };
}
