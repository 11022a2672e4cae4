import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, type WorkflowBundleOption } from '@temporalio/worker';

/** Built by `npm run build`, beside the compiled worker. */
const PREBUILT = fileURLToPath(new URL('../workflow-bundle.js', import.meta.url));

/** The prebuilt bundle where there is one (the installed package; or named by SYNCLINE_WORKFLOW_BUNDLE, for programs that start many workers), else one made from source now. */
export async function workflowBundle(): Promise<WorkflowBundleOption> {
  const prebuilt = process.env['SYNCLINE_WORKFLOW_BUNDLE'] ?? PREBUILT;
  return existsSync(prebuilt) ? { codePath: prebuilt } : makeWorkflowBundle();
}

/** From source: a second of work. */
export function makeWorkflowBundle(): Promise<{ readonly code: string }> {
  return bundleWorkflowCode({ workflowsPath: fileURLToPath(new URL('../workflows/index.ts', import.meta.url)), logger: quiet });
}

const silent = () => undefined;
const quiet = { log: silent, trace: silent, debug: silent, info: silent, warn: silent, error: silent };
