export { graphWorkflow } from './graph.ts';
export { reconcileWorkflow } from './reconcile.ts';
export { syncWorkflow } from './sync.ts';
