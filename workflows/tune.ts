import type { TuneInput } from './contract.ts';

const RANGES = { concurrency: [1, 256], batchSize: [1, 10_000], requestsPerSecond: [0.01, 10_000] } as const;

/** What is wrong with a tune request, in one sentence; undefined where nothing is. Decides commands: part of the workflow's determinism. */
export function tuneMistake(input: TuneInput): string | undefined {
  const names = ['concurrency', 'batchSize', 'requestsPerSecond'] as const;
  if (names.every((name) => input[name] === undefined)) return 'nothing to tune: give concurrency, batchSize or requestsPerSecond';
  for (const name of names) {
    const value = input[name];
    if (value === undefined) continue;
    const [least, most] = RANGES[name];
    if (!Number.isFinite(value) || value < least || value > most) return `${name} must be between ${least} and ${most}, not ${value}`;
    if (name !== 'requestsPerSecond' && !Number.isInteger(value)) return `${name} must be a whole number, not ${value}`;
  }
  return undefined;
}
