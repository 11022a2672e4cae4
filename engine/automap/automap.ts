import { type FieldFacts, readingOf } from '../field-facts.ts';
import { typeFit } from '../type-fit.ts';
import { assign } from './assign.ts';
import { type Meaning, meaningsOf } from './meaning.ts';
import { nameScore } from './name-score.ts';
import { type ProposedRule, proposedRule } from './proposed-rule.ts';
import { valueEvidence } from './value-evidence.ts';

/** A mapping that is proposed: never more than one for a target field, nor for a source field. */
export interface Proposal {
  readonly target: string;
  readonly rule: ProposedRule;
  /** 0 to 1. */
  readonly confidence: number;
  /** Why, in words: `both mean the first name`. */
  readonly reason: string;
}

export interface AutomapOptions {
  /** Target fields that are mapped already, and source fields that are read as they are. */
  readonly mapped?: { readonly targets: readonly string[]; readonly sources: readonly string[] };
  /** Below it nothing is proposed. @default LEAST_CONFIDENCE */
  readonly least?: number;
}

/** A wrong mapping costs more than one that a person has to write. */
export const LEAST_CONFIDENCE = 0.7;
/** Where another field would do as well, nobody can be sure. */
const CLOSE = 0.02;
const DOUBT = 0.12;
/** Values that may not fit, and fields inside of others. */
const LOOSE_TYPE = 0.02;
const INSIDE = 0.01;
/** Objects and lists have a form of their own in every system. */
const STRUCTURE = 0.25;

/** The best assignment. Squared scores let one sure pair go before two doubtful ones; fields that fit none, which are most, are left out of it, as it is cubic. */
function assignSparse(weights: readonly (readonly number[])[]): readonly (number | undefined)[] {
  const rows = weights.flatMap((row, index) => (row.some((weight) => weight > 0) ? [index] : []));
  const columns = (weights[0] ?? []).flatMap((_, column) => (rows.some((row) => (weights[row]?.[column] ?? 0) > 0) ? [column] : []));
  const chosen = assign(rows.map((row) => columns.map((column) => weights[row]?.[column] ?? 0)));
  const byRow = new Map(rows.map((row, index) => [row, chosen[index]] as const));
  return weights.map((_, row) => {
    const column = byRow.get(row);
    return column === undefined ? undefined : columns[column];
  });
}

interface Score {
  readonly score: number;
  readonly reason: string;
}

/** Proposes which source field each target field should get its values from, the surest first. The same arguments always give the same proposals. */
export function automap(source: readonly FieldFacts[], target: readonly FieldFacts[], options: AutomapOptions = {}): readonly Proposal[] {
  const { mapped = { targets: [], sources: [] }, least = LEAST_CONFIDENCE } = options;
  const froms = source.filter((one) => one.type !== 'reference' && !mapped.sources.includes(readingOf(one))).map(withMeanings);
  const tos = writableFields(target, mapped.targets)
    .filter(({ type }) => type !== 'reference')
    .map(withMeanings);
  if (froms.length === 0) return [];
  const scores = tos.map((to) => froms.map((from) => pairScore(from, to)));
  const chosen = assignSparse(scores.map((row) => row.map(({ score }) => (score < least ? 0 : score ** 2))));
  const proposals = tos.flatMap(({ facts }, index) => {
    const column = chosen[index];
    const found = column === undefined ? undefined : scores[index]?.[column];
    const from = column === undefined ? undefined : froms[column]?.facts;
    if (found === undefined || from === undefined) return [];
    const rival = rivalOf(
      scores[index] ?? [],
      column,
      froms.map(({ facts: one }) => one.name),
      chosen,
    );
    const confidence = Math.round((found.score - (rival === undefined ? 0 : DOUBT)) * 100) / 100;
    const reason = rival === undefined ? found.reason : `${found.reason}; ${rival} would do as well`;
    return confidence < least ? [] : [{ target: facts.name, rule: proposedRule(from, facts), confidence, reason }];
  });
  return proposals.toSorted((one, other) => other.confidence - one.confidence);
}

/** What of an object can be given a value and has none yet. */
export function writableFields(target: readonly FieldFacts[], mapped: readonly string[]): readonly FieldFacts[] {
  return target.filter(({ name, isReadOnly, isNested }) => isReadOnly !== true && isNested !== true && !mapped.includes(name));
}

interface Field {
  readonly facts: FieldFacts;
  readonly meanings: readonly Meaning[];
}

function withMeanings(facts: FieldFacts): Field {
  return { facts, meanings: meaningsOf(facts) };
}

function pairScore(from: Field, to: Field): Score {
  const fit = from.facts.type === undefined || to.facts.type === undefined ? 'all' : typeFit(from.facts.type, to.facts.type);
  if (fit === 'none') return { score: 0, reason: '' };
  const name = nameScore(from.meanings, to.meanings);
  const values = valueEvidence(from.facts, to.facts);
  const isStructure = from.facts.type === 'json';
  const less = (fit === 'some' ? LOOSE_TYPE : 0) + (from.facts.isNested === true ? INSIDE : 0) + (isStructure ? STRUCTURE : 0);
  const byName = name.score === 0 ? 0 : Math.min(1, name.score + values.bonus) - less;
  if (values.alone > byName) return { score: values.alone - less, reason: values.reason ?? '' };
  const reason = [name.reason, values.reason, isStructure ? 'its objects or lists may have another form' : undefined]
    .filter((part) => part !== undefined)
    .join('; ');
  return { score: Math.max(0, byName), reason };
}

/** Another source field that is as good, and that no other target field gets. */
function rivalOf(row: readonly Score[], chosen: number | undefined, names: readonly string[], taken: readonly (number | undefined)[]): string | undefined {
  const best = chosen === undefined ? 0 : (row[chosen]?.score ?? 0);
  const rival = row.findIndex(({ score }, index) => index !== chosen && !taken.includes(index) && score > 0 && score >= best - CLOSE);
  return rival < 0 ? undefined : names[rival];
}
