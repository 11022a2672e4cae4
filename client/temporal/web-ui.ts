import { readDevLock } from '../programs/dev-lock.ts';

export interface WebUi {
  readonly uiUrl: string | undefined;
  readonly namespace: string;
}

/** Where the Web UI is, as far as is known without asking a server: SYNCLINE_UI_URL, or the project's running `dev`. */
export function readWebUi(project: string, env: NodeJS.ProcessEnv): WebUi {
  const own = env['SYNCLINE_UI_URL'];
  const uiUrl = own !== undefined && own !== '' ? own : readDevLock(project)?.uiUrl;
  return { uiUrl, namespace: env['TEMPORAL_NAMESPACE'] ?? 'default' };
}

/** The page of a run in the Web UI; undefined where no Web UI is known. */
export function workflowUrl(ui: WebUi, workflowId: string, executionRunId: string | undefined): string | undefined {
  if (ui.uiUrl === undefined) return undefined;
  const base = `${ui.uiUrl.replace(/\/$/, '')}/namespaces/${encodeURIComponent(ui.namespace)}/workflows/${encodeURIComponent(workflowId)}`;
  return executionRunId === undefined ? base : `${base}/${executionRunId}/history`;
}
