import { z } from 'zod';
import type { RememberedPage } from '../page-memory.ts';
import type { Vault } from '../vault.ts';
import { type Row, text } from './row.ts';
import { shapeSchema } from './shape-row.ts';

const pageSchema = z.object({
  basis: z.string(),
  validators: z.object({ etag: z.string().optional(), lastModified: z.string().optional() }),
  records: z.array(z.union([z.object({ key: z.string(), contentHash: z.string() }), z.object({ key: z.string(), reason: z.string() })])),
  next: z.json().optional(),
  total: z.number().optional(),
  maxCursorValue: z.string().optional(),
  shape: shapeSchema,
});

export function readRememberedPage(vault: Vault, row: Row | undefined): RememberedPage | undefined {
  return row === undefined ? undefined : pageSchema.parse(vault.read(text(row, 'body')));
}

export function rememberedText(vault: Vault, page: RememberedPage, isSealed: boolean): string {
  return vault.seal(JSON.stringify(page), isSealed);
}
