import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, type WorkflowBundleOption } from '@temporalio/worker';
import { failureConverterOf } from '../payloads/data-converter.ts';

/** Built by `npm run build`, beside the compiled worker. */
const PREBUILT = fileURLToPath(new URL('../workflow-bundle.js', import.meta.url));

/**
 * The prebuilt bundle where there is one (the installed package; or named by SYNCLINE_WORKFLOW_BUNDLE, for programs that start many workers), else one made from source now.
 * @param isEncrypted whether payloads are: then it is another bundle, beside it, which encrypts failures as well
 */
export async function workflowBundle(isEncrypted = false): Promise<WorkflowBundleOption> {
  const plain = process.env['SYNCLINE_WORKFLOW_BUNDLE'] ?? PREBUILT;
  const prebuilt = isEncrypted ? plain.replace(/\.js$/, '.encrypted.js') : plain;
  return existsSync(prebuilt) ? { codePath: prebuilt } : makeWorkflowBundle(isEncrypted);
}

/** From source: a second of work. */
export function makeWorkflowBundle(isEncrypted = false): Promise<{ readonly code: string }> {
  const workflowsPath = fileURLToPath(new URL('../workflows/index.ts', import.meta.url));
  return bundleWorkflowCode({ workflowsPath, ...failureConverterOf(isEncrypted), logger: quiet });
}

const silent = () => undefined;
const quiet = { log: silent, trace: silent, debug: silent, info: silent, warn: silent, error: silent };
