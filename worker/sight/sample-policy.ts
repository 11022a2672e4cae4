import type { SamplePolicy } from '../../activities/sample-taker.ts';

const HOUR_MS = 3_600_000;
/** Of what goes wrong the first times tell the most. */
const ERRORS_AN_HOUR = 100;

/** @param rate as in `syncline.yaml`: `1%` */
export function createSamplePolicy(rate: string, now: () => number): SamplePolicy {
  const kept = new Map<string, { hour: number; errors: number }>();
  return {
    rate: Number.parseFloat(rate) / 100,
    allowsError: (scope) => {
      const hour = Math.floor(now() / HOUR_MS);
      const known = kept.get(scope);
      const counted = known?.hour === hour ? known : { hour, errors: 0 };
      kept.set(scope, counted);
      counted.errors += 1;
      return counted.errors <= ERRORS_AN_HOUR;
    },
  };
}
