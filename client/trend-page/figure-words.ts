import { formatCount } from '../output/numbers.ts';
import { formatDuration } from '../output/times.ts';
import type { Unit } from './kpis.ts';

/** A figure for people: `1.2 s`, `340/s`, `0.8 %`, `14 kB`. */
export function figureWords(value: number | null, unit: Unit): string {
  if (value === null) return '–';
  switch (unit) {
    case 'ms':
      return formatDuration(value);
    case 'per-second':
      return `${value > 0 && value < 10 ? value.toFixed(1) : formatCount(value)}/s`;
    case 'share':
      return `${value > 0 && value < 0.1 ? (value * 100).toFixed(2) : Math.round(value * 100)} %`;
    case 'bytes':
      return bytesWords(value);
    case 'count':
      return formatCount(value);
  }
}

function bytesWords(value: number): string {
  if (value >= 1_000_000) return `${(value / 1_000_000).toFixed(1)} MB`;
  return value >= 1_000 ? `${(value / 1_000).toFixed(1)} kB` : `${Math.round(value)} B`;
}

/** `+12 %`; `as before` where it is less than a hundredth. */
export function changeWords(change: number | null): string {
  if (change === null) return '–';
  if (Math.abs(change) < 0.01) return 'as before';
  return `${change > 0 ? '+' : '−'}${formatCount(Math.abs(change) * 100)} %`;
}
