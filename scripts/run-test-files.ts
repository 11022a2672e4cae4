import { relative } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { run } from 'node:test';
import { spec, type TestEvent } from 'node:test/reporters';

/** Files that run beside each other, as many at once. */
export interface TestPart {
  readonly files: readonly string[];
  readonly concurrency: number;
}

export interface TestOptions {
  /** Of one test. */
  readonly timeoutMs: number;
  /** Arguments of Node before each file. */
  readonly nodeArgs: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

const TOTAL = /^(tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) ([\d.]+)$/;
const SLOWEST = 8;

/** Runs one part after another and tells all as one. @returns whether all went well */
export async function runTestFiles(parts: readonly TestPart[], { timeoutMs, nodeArgs, env }: TestOptions): Promise<boolean> {
  let isWell = true;
  const totals = new Map<string, number>();
  const files: { readonly file: string; readonly ms: number }[] = [];

  async function* events(): AsyncGenerator<TestEvent, void> {
    for (const { files: wanted, concurrency } of parts.filter((part) => part.files.length > 0)) {
      const part: AsyncIterable<TestEvent> = run({ files: [...wanted], concurrency, timeout: timeoutMs, execArgv: [...nodeArgs], env });
      for await (const event of part) {
        const total = event.type === 'test:diagnostic' && event.data.file === undefined && event.data.nesting === 0 ? TOTAL.exec(event.data.message) : null;
        if (total !== null) totals.set(total[1] ?? '', (totals.get(total[1] ?? '') ?? 0) + Number(total[2]));
        else if (event.type !== 'test:summary') yield event;
        else if (event.data.file === undefined) isWell &&= event.data.success;
        else files.push({ file: relative(process.cwd(), event.data.file), ms: event.data.duration_ms });
      }
    }
    for (const [name, value] of totals) yield told(`${name} ${Math.round(value)}`);
    const slowest = files.toSorted((one, other) => other.ms - one.ms).slice(0, SLOWEST);
    if (files.length > SLOWEST) yield told(`slowest ${slowest.map(({ file, ms }) => `${file} ${Math.round(ms / 1000)} s`).join(', ')}`);
    // Failures are told again at the end of all.
    yield { type: 'test:summary', data: { success: isWell, counts: NONE, duration_ms: 0, file: undefined } };
  }

  await pipeline(Readable.from(events()), new spec(), process.stdout, { end: false });
  return isWell;
}

const NONE = { cancelled: 0, passed: 0, skipped: 0, suites: 0, tests: 0, todo: 0, topLevel: 0 };
const told = (message: string): TestEvent => ({ type: 'test:diagnostic', data: { message, nesting: 0, level: 'info' } });
