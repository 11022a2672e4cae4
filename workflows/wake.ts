import type { WakeInput } from './contract.ts';
import { wakeSyncs } from './steps.ts';

/** What a schedule starts each minute: wakes every sync with open events, as whoever was to do so may have died between the delivery and the signal. */
export function wakeWorkflow(input: WakeInput): Promise<number> {
  return wakeSyncs(input);
}
