import { z } from 'zod';
import type { KeptSample, RequestSample } from '../sample-store.ts';
import type { Vault } from '../vault.ts';
import { type Row, text } from './row.ts';

const bodySchema = z.object({ text: z.string(), isCut: z.boolean() });
const sampleSchema = z.object({
  connection: z.string(),
  method: z.string(),
  path: z.string(),
  sentAt: z.number(),
  durationMs: z.number(),
  status: z.number().optional(),
  failure: z.string().optional(),
  requestId: z.string().optional(),
  isError: z.boolean(),
  sent: bodySchema.optional(),
  received: bodySchema.optional(),
});

/** Always sealed; without its bodies where the ledger keeps no values. */
export function sampleText(vault: Vault, sample: RequestSample): string {
  const { sent: _, received: __, ...bare } = sample;
  return vault.seal(JSON.stringify(vault.keepsSettledFields ? sample : bare), true);
}

export function readSample(vault: Vault, row: Row): KeptSample {
  return { ...sampleSchema.parse(vault.read(text(row, 'body'))), id: text(row, 'id'), scope: text(row, 'scope'), runId: text(row, 'run_id') };
}
