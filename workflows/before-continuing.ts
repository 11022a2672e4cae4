import { allHandlersFinished, CancellationScope, condition } from '@temporalio/workflow';

/** Lets handlers end before an execution continues as new, which nothing may be awaited after. @returns whether it was cancelled meanwhile, and has its end to make instead */
export async function isCancelledBeforeContinuing(): Promise<boolean> {
  await CancellationScope.nonCancellable(() => condition(allHandlersFinished));
  return CancellationScope.current().consideredCancelled;
}
