import { CHANGE_KINDS, type ChangeKind } from '../../engine/outcome.ts';
import type { ChangeOutcome, SettleInput } from '../ledger.ts';
import type { HandedBatch, StagedPageTexts, StagedText, StagedTextRecord, StagePageTexts, TextLedger } from '../text-ledger.ts';
import { type Pack, PackReader, PackWriter } from './packing.ts';

/** Calls that carry something of each record of a page or a batch: what is alike goes in a pack, the others as they are. */
interface PackedPage extends Omit<StagePageTexts, 'records'> {
  readonly changes: Pack;
  readonly others: readonly StagedTextRecord[];
  readonly count: number;
}

interface PackedStaging extends Omit<StagedPageTexts, 'claimed'> {
  readonly claimed: readonly (Omit<HandedBatch, 'changes'> & { readonly changes: Pack; readonly count: number })[];
}

interface PackedSettling extends Omit<SettleInput, 'outcomes'> {
  readonly written: Pack;
  readonly others: readonly ChangeOutcome[];
  readonly count: number;
}

/** The caller's side of these calls. */
export function packedCalls(call: (method: string, input: unknown) => Promise<unknown>): Pick<TextLedger, 'stagePage' | 'settleBatch'> {
  return {
    // eslint-disable-next-line @typescript-eslint/consistent-type-assertions -- `withPackedCalls` has answered, in the other thread
    stagePage: async (input) => unpackStaging((await call('stagePage', packPage(input))) as PackedStaging),
    settleBatch: async (input) => void (await call('settleBatch', packSettling(input))),
  };
}

/** The ledger's side of them. */
export function withPackedCalls(ledger: TextLedger) {
  return {
    ...ledger,
    stagePage: async (input: PackedPage) => packStaging(await ledger.stagePage(unpackPage(input))),
    settleBatch: (input: PackedSettling) => ledger.settleBatch(unpackSettling(input)),
  };
}

const [PACKED, OTHER] = [1, 0];

function packPage({ records, ...input }: StagePageTexts): PackedPage {
  const writer = new PackWriter();
  const others: StagedTextRecord[] = [];
  for (const record of records) {
    const isPacked = record.disposition === 'change' && record.awaits === undefined;
    writer.number(isPacked ? PACKED : OTHER);
    if (isPacked) writeChange(writer, record.key, record.change);
    else others.push(record);
  }
  return { ...input, changes: writer.pack(), others, count: records.length };
}

function unpackPage({ changes, others, count, ...input }: PackedPage): StagePageTexts {
  const reader = new PackReader(changes);
  return { ...input, records: merged(reader, others, count, readChange) };
}

function writeChange(writer: PackWriter, key: string, change: StagedText): void {
  writer.text(key);
  writer.number(CHANGE_KINDS.indexOf(change.kind));
  writer.text(change.payload);
  writer.text(change.sourceText);
  writer.text(change.contentHash);
  writer.text(change.match);
  writer.number(change.bytes);
  writer.text(change.targetId);
  writer.text(change.sourceVersion);
}

function readChange(reader: PackReader): StagedTextRecord {
  const key = reader.text();
  const change = {
    kind: readKind(reader),
    payload: reader.text(),
    sourceText: reader.text(),
    contentHash: reader.text(),
    match: reader.text(),
    bytes: reader.number(),
  };
  const [targetId, sourceVersion] = [reader.optionalText(), reader.optionalText()];
  if (targetId === undefined && sourceVersion === undefined) return { disposition: 'change', key, change };
  const more = { ...(targetId === undefined ? {} : { targetId }), ...(sourceVersion === undefined ? {} : { sourceVersion }) };
  return { disposition: 'change', key, change: { ...change, ...more } };
}

function readKind(reader: PackReader): ChangeKind {
  const kind = CHANGE_KINDS[reader.number()];
  if (kind === undefined) throw new Error('the pack has a change of no kind');
  return kind;
}

function packStaging({ claimed, ...staged }: StagedPageTexts): PackedStaging {
  return { ...staged, claimed: claimed.map(packHanded) };
}

function packHanded({ changes, ...batch }: HandedBatch): PackedStaging['claimed'][number] {
  const writer = new PackWriter();
  for (const { id, key, targetId } of changes) {
    writer.number(id);
    writer.text(key);
    writer.text(targetId);
  }
  return { ...batch, changes: writer.pack(), count: changes.length };
}

function unpackStaging({ claimed, ...staged }: PackedStaging): StagedPageTexts {
  return { ...staged, claimed: claimed.map(unpackHanded) };
}

function unpackHanded({ changes, count, ...batch }: PackedStaging['claimed'][number]): HandedBatch {
  const reader = new PackReader(changes);
  return { ...batch, changes: Array.from({ length: count }, () => ({ id: reader.number(), key: reader.text(), targetId: reader.optionalText() })) };
}

function packSettling({ outcomes, ...input }: SettleInput): PackedSettling {
  const writer = new PackWriter();
  const others: ChangeOutcome[] = [];
  for (const outcome of outcomes) {
    const isPacked = outcome.outcome === 'written' && outcome.told === undefined;
    writer.number(isPacked ? PACKED : OTHER);
    if (isPacked) writeWritten(writer, outcome);
    else others.push(outcome);
  }
  return { ...input, written: writer.pack(), others, count: outcomes.length };
}

function unpackSettling({ written, others, count, ...input }: PackedSettling): SettleInput {
  const reader = new PackReader(written);
  return { ...input, outcomes: merged(reader, others, count, readWritten) };
}

type Written = Extract<ChangeOutcome, { outcome: 'written' }>;

function writeWritten(writer: PackWriter, { changeId, created, targetId }: Written): void {
  writer.number(changeId);
  writer.number(created === undefined ? -1 : Number(created));
  writer.text(targetId);
}

function readWritten(reader: PackReader): Written {
  const [changeId, created, targetId] = [reader.number(), reader.number(), reader.optionalText()];
  const outcome = { changeId, outcome: 'written' } as const;
  return { ...outcome, ...(created === -1 ? {} : { created: created === 1 }), ...(targetId === undefined ? {} : { targetId }) };
}

/** In the order that they had. */
function merged<Item>(reader: PackReader, others: readonly Item[], count: number, read: (reader: PackReader) => Item): readonly Item[] {
  const left = others.values();
  return Array.from({ length: count }, () => {
    if (reader.number() === PACKED) return read(reader);
    const { value, done } = left.next();
    if (done === true) throw new Error('the pack lacks what was to come beside it');
    return value;
  });
}
