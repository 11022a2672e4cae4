import { isDrift, type ShapeFinding } from '../../engine/compare-shapes.ts';
import { wordsOfFinding } from '../../engine/shape-words.ts';
import type { RunShape } from '../../ledger/shape-store.ts';
import { plural } from '../output/text.ts';

const TOP = 5;

/** Fields that the sync uses and that have changed at the source, as long as nobody has accepted that. */
export function openDriftOf(shape: RunShape | undefined): readonly ShapeFinding[] {
  return shape?.acceptedAt === undefined ? (shape?.findings ?? []).filter(isDrift) : [];
}

/** What has become of the fields that a sync uses, in sentences. */
export function shapeDriftLines(shape: RunShape | undefined): readonly string[] {
  const drift = (shape?.findings ?? []).filter(isDrift);
  return drift.map((finding) => `At the source, ${wordsOfFinding(finding)}${shape?.acceptedAt === undefined ? '' : '; accepted since'}.`);
}

/** What has become of the others: nothing depends on them. */
export function otherShapeLines(shape: RunShape | undefined): readonly string[] {
  const others = (shape?.findings ?? []).filter((finding) => !isDrift(finding));
  const more = others.length - TOP;
  return [
    ...others.slice(0, TOP).map((finding) => `At the source, not used here: ${wordsOfFinding({ ...finding, uses: [] })}.`),
    ...(more > 0 ? [`And ${plural(more, 'other change')} there: "syncline show" with --shape.`] : []),
  ];
}
