import type { ChangeKind } from '../../engine/outcome.ts';
import type { ClaimInput } from '../ledger.ts';
import { readKind } from './claimed-change.ts';
import { number, optionalNumber, optionalText, type Row, text } from './row.ts';

/** Chooses what goes into one batch: of one kind, one group, no target record twice, within the limits of records and bytes, oldest first. */
export class BatchPicker {
  readonly chosen: Row[] = [];
  /** Changes whose kind or target id is another than the one they were staged with. */
  readonly routes = new Map<number, { readonly kind: ChangeKind; readonly targetId: string | undefined }>();
  isFull = false;
  kind: ChangeKind | undefined;
  readonly #input: ClaimInput;
  readonly #names = { match: new Set<string>(), key: new Set<string>(), id: new Set<string>() };
  #group: string | undefined;
  #limit = 0;
  #bytes = 0;
  #maxBytes = 0;

  /** The most records that it takes, once it has taken one. */
  get limit(): number {
    return this.#limit;
  }

  constructor(input: ClaimInput) {
    this.#input = input;
  }

  consider(row: Row): void {
    const kind = readKind(row);
    const group = optionalText(row, 'batch_group');
    if (this.kind === undefined) this.#begin(row, kind, group);
    const [match, key, targetId] = [text(row, 'match'), text(row, 'key'), optionalText(row, 'target_id')];
    if (kind !== this.kind || group !== this.#group || this.#isChosen(match, key, targetId)) return;
    const bytes = number(row, 'bytes');
    if (this.chosen.length > 0 && this.#bytes + bytes > this.#maxBytes) {
      this.isFull = true;
      return;
    }
    this.#names.match.add(match);
    this.#names.key.add(key);
    if (targetId !== undefined) this.#names.id.add(targetId);
    this.#bytes += bytes;
    this.chosen.push(row);
    if (row['staged_kind'] !== kind || optionalText(row, 'staged_target_id') !== targetId) this.routes.set(number(row, 'id'), { kind, targetId });
    this.isFull = this.chosen.length >= this.#limit;
  }

  /** A target record may be known by each of its names. */
  #isChosen(match: string, key: string, targetId: string | undefined): boolean {
    const { match: matches, key: keys, id: ids } = this.#names;
    return matches.has(match) || keys.has(key) || (targetId !== undefined && ids.has(targetId));
  }

  #begin(row: Row, kind: ChangeKind, group: string | undefined): void {
    const { maxRecords, maxRecordsByKind, maxBytes, maxBytesByKind } = this.#input;
    this.kind = kind;
    this.#group = group;
    this.#maxBytes = Math.min(maxBytes, maxBytesByKind?.[kind] ?? maxBytes);
    this.#limit = Math.max(1, Math.min(maxRecords, maxRecordsByKind?.[kind] ?? maxRecords, optionalNumber(row, 'batch_limit') ?? maxRecords));
  }
}
