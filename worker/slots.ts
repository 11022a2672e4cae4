import { ResourceBasedController, type WorkerOptions } from '@temporalio/worker';
import type { WorkerSettings } from './settings.ts';

type SlotOptions = Pick<WorkerOptions, 'tuner' | 'maxConcurrentActivityTaskExecutions'>;
type SlotSettings = Pick<WorkerSettings, 'slots' | 'targetCpuPercent' | 'targetMemoryPercent'>;

/** Also above the targets: a worker beside a busy neighbour goes on, slowly. */
const ALWAYS = 2;
const AT_MOST = 500;
const UNUSED = { type: 'fixed-size', numSlots: 1 } as const;

/**
 * The slots of a worker that only reads, or only writes: a fixed number of them, or as many as CPU and memory of the machine leave room for. Made once a process: its workers
 * look at the same targets together.
 */
export function activitySlots({ slots, targetCpuPercent, targetMemoryPercent }: SlotSettings): SlotOptions {
  if (slots !== 'auto') return { maxConcurrentActivityTaskExecutions: slots };
  const controller = ResourceBasedController.create({ targetCpuUsage: targetCpuPercent / 100, targetMemoryUsage: targetMemoryPercent / 100 });
  return {
    tuner: {
      activityTaskSlotSupplier: { type: 'resource-based', controller, minimumSlots: ALWAYS, maximumSlots: AT_MOST },
      workflowTaskSlotSupplier: UNUSED,
      localActivityTaskSlotSupplier: UNUSED,
      nexusTaskSlotSupplier: UNUSED,
    },
  };
}
