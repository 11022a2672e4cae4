import { parseDuration } from '../engine/duration.ts';
import { checkExpression, type Page } from './check-expression.ts';
import type { Mistake } from './mistake.ts';
import type { Path, YamlFile } from './yaml-file.ts';

/** Where zero would stop everything, and where more than this helps nobody. */
const LONGEST_TIMEOUT_MS = 3_600_000;
const TIMEOUTS = ['connect', 'headers', 'body', 'request'] as const;

/** Durations and windows of a connector or of an account of a connection, beyond what the schema can say. */
export function checkLimits(file: YamlFile, path: Path): Mistake[] {
  return [
    ...checkTimeouts(file, [...path, 'timeouts']),
    ...checkWindows(file, [...path, 'limits', 'requests']),
    ...checkEndpointLimits(file, [...path, 'limits', 'endpoints']),
    ...checkPositive(file, [...path, 'limits', 'quota', 'per']),
  ];
}

/** Where answers tell the cost of requests: of a connector, or of an account of a connection. */
export function checkCost(page: Page, path: Path): Mistake[] {
  return COSTS.flatMap((name) => {
    const at = [...path, 'limits', 'cost', name];
    const source = page.file.valueAt(at);
    return typeof source === 'string' ? checkExpression(page, at, source, ['status', 'headers', 'body']) : [];
  });
}
const COSTS = ['available', 'restoreRate', 'requested', 'maximum'];

/** A duration that must take some time. */
export function checkPositive(file: YamlFile, path: Path): Mistake[] {
  return durationAt(file, path) === 0 ? [file.mistake(path, 'must be longer than 0')] : [];
}

function checkTimeouts(file: YamlFile, path: Path): Mistake[] {
  const request = durationAt(file, [...path, 'request']);
  return TIMEOUTS.flatMap((name) => {
    const at = [...path, name];
    const timeoutMs = durationAt(file, at);
    if (timeoutMs === undefined) return [];
    if (timeoutMs > LONGEST_TIMEOUT_MS) return [file.mistake(at, 'must be at most 1h')];
    if (request !== undefined && timeoutMs > request) {
      return [
        file.mistake(at, `is longer than timeouts.request (${String(file.valueAt([...path, 'request']))}), which ends the request first`, {
          severity: 'warning',
        }),
      ];
    }
    return checkPositive(file, at);
  });
}

function checkWindows(file: YamlFile, path: Path): Mistake[] {
  const windows = file.valueAt(path);
  if (!Array.isArray(windows)) return [];
  const seen = new Set<number>();
  return windows.flatMap((_, index) => {
    const perMs = durationAt(file, [...path, index, 'per']);
    if (perMs === undefined) return [];
    const isRepeated = seen.has(perMs);
    seen.add(perMs);
    if (isRepeated) return [file.mistake([...path, index], 'there is another limit for the same time: keep the smaller one', { severity: 'warning' })];
    return checkPositive(file, [...path, index, 'per']);
  });
}

function checkEndpointLimits(file: YamlFile, path: Path): Mistake[] {
  const limits = file.valueAt(path);
  if (!Array.isArray(limits)) return [];
  return limits.flatMap((_, index) => {
    const matchers = file.valueAt([...path, index, 'of']);
    const patterns = Array.isArray(matchers) ? matchers.map((__, place) => [...path, index, 'of', place, 'path']) : [];
    const mistaken = patterns.filter((at) => {
      const pattern = file.valueAt(at);
      return typeof pattern === 'string' && !isRegularExpression(pattern);
    });
    return [...mistaken.map((at) => file.mistake(at, 'is no regular expression')), ...checkWindows(file, [...path, index, 'requests'])];
  });
}

/** Whether a text is one. */
export function isRegularExpression(text: string): boolean {
  try {
    new RegExp(text, 'i');
    return true;
  } catch {
    return false;
  }
}

function durationAt(file: YamlFile, path: Path): number | undefined {
  const text = file.valueAt(path);
  return typeof text === 'string' ? parseDuration(text) : undefined;
}
