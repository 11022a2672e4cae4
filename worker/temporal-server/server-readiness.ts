import { request } from 'undici';
import { z } from 'zod';
import { SEARCH_ATTRIBUTES } from '../../workflows/contract.ts';
import type { ServerPorts } from './server-ports.ts';

const ANSWER_TIMEOUT_MS = 2_000;
const attributesSchema = z.object({ customAttributes: z.record(z.string(), z.unknown()) });

/** Whether a server has its namespace, its search attributes and its Web UI: only then can a worker or a person use it. */
export async function isReady(ports: ServerPorts): Promise<boolean> {
  const api = `http://127.0.0.1:${ports.http}`;
  const [namespace, attributes, ui] = await Promise.all([
    ask(`${api}/api/v1/namespaces/default`),
    ask(`${api}/cluster/namespaces/default/search-attributes`),
    ask(`http://127.0.0.1:${ports.ui}/`),
  ]);
  return namespace.status === 200 && ui.status === 200 && (attributes.status !== 200 || hasAttributes(attributes.text));
}

async function ask(url: string): Promise<{ readonly status: number; readonly text: string }> {
  try {
    const { statusCode, body } = await request(url, { headersTimeout: ANSWER_TIMEOUT_MS, bodyTimeout: ANSWER_TIMEOUT_MS });
    return { status: statusCode, text: await body.text() };
  } catch {
    return { status: 0, text: '' };
  }
}

function hasAttributes(text: string): boolean {
  const { customAttributes } = attributesSchema.parse(JSON.parse(text));
  return SEARCH_ATTRIBUTES.every((name) => name in customAttributes);
}
