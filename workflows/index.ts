export { alertsWorkflow } from './alerts.ts';
export { backfillWorkflow } from './backfill.ts';
export { graphWorkflow } from './graph.ts';
export { reconcileWorkflow } from './reconcile.ts';
export { scheduledWorkflow } from './scheduled.ts';
export { syncWorkflow } from './sync.ts';
export { watchWorkflow } from './watch.ts';
