import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openLedger } from '../../ledger/open-ledger.ts';
import type { Program } from '../../scripts/demo/programs.ts';
import { startTemporalServer, type TemporalServer } from '../../worker/temporal-server/start-temporal-server.ts';
import { PostgresServer } from '../support/postgres.ts';
import { Project } from '../support/project.ts';
import { Chaos } from './chaos.ts';
import { ARCHIVED_NAME, type CrashMode, crashProject } from './crash-project.ts';
import { Dice } from './seeded.ts';
import { isBad, type Person, TreacherousApi } from './treacherous-api.ts';

const CHANGES = 2_000;
const UPDATES = 200;
/** People who leave the source in a round, and of those who left before, people who return. */
const DELETES = 100;
const RETURNS = 20;
/** Contacts that others had made before the first run; and in each round, contacts that others rename, and delete. */
const THEIRS = 200;
const RENAMED = 20;
const REMOVED = 10;
const BAD_PERCENT = 1;
const SYNC = 'people';
/** A run that was terminated, or gave up, is simply started again. */
const MAX_RUNS = 15;
const MAX_REPAIRS = 4;
const mailOf = (id: number) => `p${id}@example.test`;

export interface CrashSetting {
  readonly mode: CrashMode;
  /** @default 'sqlite' */
  readonly ledger?: 'sqlite' | 'postgres';
  /** Processes that share the work. @default 1 */
  readonly workers?: number;
}

interface PostgresLedger {
  readonly server: PostgresServer;
  readonly url: string;
}

/** What a round found once all was quiet. All but `blows`, `harm`, `runs` and `seconds` must be zero, or true. */
export interface RoundResult {
  readonly seed: number;
  readonly blows: readonly string[];
  /** Writes that went wrong at the API. */
  readonly harm: number;
  readonly runs: number;
  readonly seconds: number;
  readonly lost: number;
  readonly twice: number;
  readonly wrong: number;
  readonly rejectedWrongly: number;
  readonly held: number;
  readonly booksClose: boolean;
  /** Records of which the ledger and the target say different things. */
  readonly ledgerDiffers: number;
}

/** A project, an API that cannot be trusted, and a Temporal server of their own, for rounds of runs under blows. */
export class CrashRounds {
  readonly project: Project;
  readonly api: TreacherousApi;
  readonly #dice: Dice;
  readonly #directory: string;
  #server: TemporalServer;
  readonly #workers: Program[];
  readonly #postgres: PostgresLedger | undefined;
  #lastId = 0;
  readonly #mode: CrashMode;
  readonly #gone = new Map<number, Person>();

  private constructor(parts: {
    project: Project;
    api: TreacherousApi;
    dice: Dice;
    directory: string;
    server: TemporalServer;
    workers: Program[];
    mode: CrashMode;
    postgres: PostgresLedger | undefined;
  }) {
    this.project = parts.project;
    this.api = parts.api;
    this.#dice = parts.dice;
    this.#directory = parts.directory;
    this.#server = parts.server;
    this.#workers = parts.workers;
    this.#postgres = parts.postgres;
    this.#mode = parts.mode;
  }

  static async begin(seed: number, { mode, ledger = 'sqlite', workers: count = 1 }: CrashSetting): Promise<CrashRounds> {
    const dice = new Dice(seed);
    const directory = mkdtempSync(join(tmpdir(), 'syncline-crash-'));
    const server = await startServer(directory, 0);
    const api = await TreacherousApi.start(dice);
    const postgres = ledger === 'postgres' ? await startPostgres() : undefined;
    const where = postgres === undefined ? {} : { SYNCLINE_LEDGER: postgres.url };
    const project = await Project.create(crashProject(api.url, mode), { TEMPORAL_ADDRESS: server.address, ...where });
    const workers = await Promise.all(Array.from({ length: count }, () => project.startWorker()));
    return new CrashRounds({ project, api, dice, directory, server, workers, mode, postgres });
  }

  async end(): Promise<void> {
    for (const worker of this.#workers) worker.child.kill('SIGKILL');
    await this.project.stop();
    await this.api.stop();
    await this.#server.stop();
    await this.#postgres?.server.stop();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  async round(): Promise<RoundResult> {
    const { seed } = this.#dice;
    const startedAt = Date.now();
    const harmBefore = sum(this.api.harm);
    const isFirst = this.#lastId === 0;
    this.#change();
    if (isFirst)
      for (const { mail } of [...this.api.people.values()].filter((person) => !isBad(person)).slice(0, THEIRS)) this.api.make(mail, 'made by others');
    this.api.isTreacherous = true;
    const chaos = new Chaos(
      {
        dice: this.#dice,
        project: this.project,
        api: this.api,
        workflowId: `sync/${this.#projectName()}/dev/${SYNC}`,
        server: () => this.#server,
        restartServer: () => this.#restartServer(),
        restartLedger: this.#postgres === undefined ? undefined : () => restart(this.#postgres),
      },
      this.#workers,
    );
    const struck = chaos.strike();
    if (isFirst) await this.project.cli('adopt', SYNC, '--yes');
    const runs = await this.#runUntilDone();
    this.#meddle();
    await this.#repair();
    chaos.end();
    await struck;
    this.api.isTreacherous = false;
    await this.#repair();
    const calm = await this.#runCalmly();
    const seconds = Math.round((Date.now() - startedAt) / 1_000);
    return {
      seed,
      blows: chaos.blows,
      harm: sum(this.api.harm) - harmBefore,
      runs: runs + calm.runs,
      seconds,
      ...this.#compare(),
      ...(await this.#compareLedger()),
      ...calm.books,
    };
  }

  /** New people, other names for some of the old ones; some leave, and some of those who left return. */
  #change(): void {
    const before = this.#lastId;
    const name = (id: number) => (this.#dice.chance(BAD_PERCENT) ? `bad ${id}` : `Name ${this.#dice.integer(1_000_000)} ${id}`);
    for (let n = 0; n < CHANGES - (before === 0 ? 0 : UPDATES); n++) {
      this.#lastId += 1;
      this.api.people.set(this.#lastId, { id: this.#lastId, mail: mailOf(this.#lastId), name: name(this.#lastId) });
    }
    for (let n = 0; n < UPDATES && before > 0; n++) {
      const person = this.api.people.get(1 + this.#dice.integer(before));
      // What was bad stays so: it is expected to be rejected.
      if (person !== undefined && !isBad(person)) this.api.people.set(person.id, { ...person, name: `Name ${this.#dice.integer(1_000_000)} ${person.id}` });
    }
    this.#leaveAndReturn(before);
  }

  #leaveAndReturn(before: number): void {
    for (const person of [...this.#gone.values()].slice(0, RETURNS)) {
      this.#gone.delete(person.id);
      this.api.people.set(person.id, person);
    }
    for (let n = 0; n < DELETES && before > 0; n++) {
      const person = this.api.people.get(1 + this.#dice.integer(before));
      if (person === undefined) continue;
      this.api.people.delete(person.id);
      this.#gone.set(person.id, person);
    }
  }

  /** Others rename contacts, and delete some. */
  #meddle(): void {
    const some = () => this.api.people.get(1 + this.#dice.integer(this.#lastId));
    const good = (count: number) => Array.from({ length: count }, some).filter((person) => person !== undefined && !isBad(person));
    for (const person of good(RENAMED)) this.api.rename(person?.mail ?? '', 'renamed by others');
    for (const person of good(REMOVED)) this.api.remove(person?.mail ?? '');
  }

  /** Until the target is found as it was written. */
  async #repair(): Promise<void> {
    for (let tries = 1; tries <= MAX_REPAIRS; tries++) {
      const { code } = await this.project.cli('reconcile', SYNC, '--repair', '--yes');
      const found = code === 0 ? await this.project.cli('reconcile', SYNC) : undefined;
      if (found?.code === 0) return;
      await sleep(500);
    }
  }

  async #runUntilDone(): Promise<number> {
    for (let runs = 1; runs <= MAX_RUNS; runs++) {
      const { stdout } = await this.project.cli('run', SYNC, '--yes');
      if (/completed/.test(stdout)) return runs;
      await sleep(500);
    }
    return MAX_RUNS;
  }

  /** With an API that keeps its word: until nothing is held any more. */
  async #runCalmly(): Promise<{ readonly runs: number; readonly books: Pick<RoundResult, 'held' | 'booksClose'> }> {
    let held = 0;
    let booksClose = false;
    for (let runs = 1; runs <= 4; runs++) {
      const { stdout } = await this.project.cli('run', SYNC, '--yes');
      held = Number(/held\s+([\d,]+)/.exec(stdout)?.[1]?.replaceAll(',', '') ?? 0);
      booksClose = /books\s+closed/.test(stdout);
      if (held === 0 && booksClose) return { runs, books: { held, booksClose } };
      await sleep(1_500);
    }
    return { runs: 4, books: { held, booksClose } };
  }

  #compare(): Pick<RoundResult, 'lost' | 'twice' | 'wrong' | 'rejectedWrongly'> {
    const found = { lost: 0, twice: 0, wrong: 0, rejectedWrongly: 0 };
    for (const person of this.api.people.values()) {
      const ids = this.api.byMail.get(person.mail) ?? [];
      const [id = ''] = ids;
      if (isBad(person)) found.rejectedWrongly += ids.length;
      else if (ids.length === 0) found.lost += 1;
      else if (ids.length > 1) found.twice += 1;
      else if (this.api.contacts.get(id)?.name !== person.name) found.wrong += 1;
    }
    // Who has left the source is to be gone from the target, or marked there.
    for (const person of this.#gone.values()) {
      const left = (this.api.byMail.get(person.mail) ?? []).map((id) => this.api.contacts.get(id)?.name);
      found.wrong += left.filter((name) => this.#mode === 'mirror' || name !== ARCHIVED_NAME).length;
    }
    return found;
  }

  async #compareLedger(): Promise<Pick<RoundResult, 'ledgerDiffers'>> {
    const ledger = await openLedger({ url: this.#postgres?.url ?? 'sqlite', directory: join(this.project.directory, '.syncline'), values: 'plain' });
    const scope = `${this.#projectName()}/dev/${SYNC}`;
    let ledgerDiffers = 0;
    let told = 0;
    try {
      for (let afterKey: string | undefined = ''; afterKey !== undefined; ) {
        const page: Awaited<ReturnType<typeof ledger.listRecords>> = await ledger.listRecords(scope, { afterKey, limit: 1_000 });
        for (const record of page.filter((one) => one.contentHash !== undefined)) {
          told += 1;
          const contact = this.api.contacts.get(record.targetId ?? '');
          if (contact === undefined || contact.name !== record.fields?.['name'] || contact.email !== record.fields?.['email']) ledgerDiffers += 1;
        }
        afterKey = page.at(-1)?.key;
      }
    } finally {
      await ledger.close();
    }
    return { ledgerDiffers: ledgerDiffers + Math.abs(told - this.api.contacts.size) };
  }

  async #restartServer(): Promise<void> {
    const port = Number(this.#server.address.split(':')[1]);
    process.kill(this.#server.pid, 'SIGKILL');
    await this.#server.ended;
    await sleep(500);
    this.#server = await startServer(this.#directory, port);
  }

  #projectName(): string {
    return /^name: (\S+)/m.exec(readFileSync(join(this.project.directory, 'syncline.yaml'), 'utf8'))?.[1] ?? '';
  }
}

/** Whether a round kept every promise. */
export function isFlawless({ lost, twice, wrong, rejectedWrongly, held, booksClose, ledgerDiffers }: RoundResult): boolean {
  return lost + twice + wrong + rejectedWrongly + held + ledgerDiffers === 0 && booksClose;
}

/** One line, for people. */
export function describeRound(round: number, result: RoundResult): string {
  const { seed, seconds, runs, harm, blows, lost, twice, wrong, held, ledgerDiffers, booksClose } = result;
  const counts = `lost ${lost}  twice ${twice}  wrong ${wrong}  held ${held}  ledger differs ${ledgerDiffers}  books ${booksClose ? 'closed' : 'OPEN'}`;
  return `round ${String(round).padStart(3)}  ${String(seconds).padStart(3)} s  ${String(runs).padStart(2)} runs  ${String(harm).padStart(3)} writes gone wrong  ${counts}  seed ${seed}  ${blows.join(', ')}`;
}

async function startPostgres(): Promise<PostgresLedger> {
  const server = await PostgresServer.start();
  return { server, url: await server.createDatabase() };
}

async function restart(postgres: PostgresLedger | undefined): Promise<void> {
  await postgres?.server.pause('at-once');
  await sleep(300);
  await postgres?.server.resume();
}

async function startServer(directory: string, port: number): Promise<TemporalServer> {
  mkdirSync(directory, { recursive: true });
  return startTemporalServer({ directory, port, uiPort: 0, env: process.env, onProgress: () => undefined });
}

function sum(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((total, count) => total + count, 0);
}
