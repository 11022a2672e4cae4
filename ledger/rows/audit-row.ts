import { isJsonObject } from '../../engine/json.ts';
import type { AuditEntry } from '../audit-store.ts';
import { defined, json, number, optionalText, type Row, text } from './row.ts';

export function readAuditEntry(row: Row): AuditEntry {
  const details = json(row, 'details');
  return defined({
    n: number(row, 'n'),
    at: number(row, 'at'),
    user: text(row, 'actor'),
    host: text(row, 'host'),
    way: text(row, 'way'),
    project: text(row, 'project'),
    profile: text(row, 'profile'),
    action: text(row, 'action'),
    sync: optionalText(row, 'sync'),
    runId: optionalText(row, 'run_id'),
    details: isJsonObject(details) ? details : {},
    hash: text(row, 'hash'),
  });
}

export function readHead(row: Row | undefined): { readonly n: number; readonly hash: string } | undefined {
  return row === undefined ? undefined : { n: number(row, 'n'), hash: text(row, 'hash') };
}
