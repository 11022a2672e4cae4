import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { automap } from '../../engine/automap/automap.ts';
import { FIELD_TYPES, type FieldFacts } from '../../engine/field-facts.ts';

const fieldsSchema = z.record(
  z.string(),
  z.strictObject({
    type: z.enum(FIELD_TYPES).optional(),
    label: z.string().optional(),
    required: z.boolean().optional(),
    readOnly: z.boolean().optional(),
    values: z.array(z.string()).optional(),
    examples: z.array(z.json()).optional(),
  }),
);
/** Two objects, and by hand: for each target field its source field. */
const pairSchema = z.strictObject({ source: fieldsSchema, target: fieldsSchema, truth: z.record(z.string(), z.string()) });

export interface PairScore {
  readonly name: string;
  readonly proposed: number;
  readonly right: number;
  /** Mappings that a person would make. */
  readonly wanted: number;
  readonly wrong: readonly string[];
  readonly missed: readonly string[];
}

/**
 * What automap proposes for each pair of a folder, against the truth.
 * @param least the confidence that counts; default: all that is proposed
 */
export function scorePairs(folder: 'pairs' | 'held-out', least?: number): readonly PairScore[] {
  const directory = new URL(`./${folder}/`, import.meta.url);
  return readdirSync(directory)
    .toSorted()
    .map((file) => {
      const { source, target, truth } = pairSchema.parse(parse(readFileSync(new URL(file, directory), 'utf8')));
      const proposals = automap(factsOf(source), factsOf(target), least === undefined ? {} : { least });
      const told = (field: string, from: string, more: string) => `${field} <- ${from}${more}`;
      const right = proposals.filter((proposal) => truth[proposal.target] === proposal.rule.from);
      const wrong = proposals.filter((proposal) => !right.includes(proposal));
      return {
        name: file.replace(/\.yaml$/, ''),
        proposed: proposals.length,
        right: right.length,
        wanted: Object.keys(truth).length,
        wrong: wrong.map(({ target: field, rule, confidence, reason }) => told(field, rule.from, ` (${confidence}: ${reason})`)),
        missed: Object.entries(truth).flatMap(([field, from]) => (right.some((proposal) => proposal.target === field) ? [] : [told(field, from, '')])),
      };
    });
}

export function precisionOf({ right, proposed }: Pick<PairScore, 'right' | 'proposed'>): number {
  return proposed === 0 ? 1 : right / proposed;
}

export function recallOf({ right, wanted }: Pick<PairScore, 'right' | 'wanted'>): number {
  return right / wanted;
}

export function sumOf(scores: readonly PairScore[]): Pick<PairScore, 'right' | 'proposed' | 'wanted'> {
  const sum = (key: 'right' | 'proposed' | 'wanted') => scores.reduce((total, score) => total + score[key], 0);
  return { right: sum('right'), proposed: sum('proposed'), wanted: sum('wanted') };
}

function factsOf(fields: z.output<typeof fieldsSchema>): readonly FieldFacts[] {
  return Object.entries(fields).map(([name, { type, label, required, readOnly, values, examples }]) => ({
    name,
    ...(name.includes('.') ? { isNested: true } : {}),
    ...(type === undefined ? {} : { type }),
    ...(label === undefined ? {} : { label }),
    ...(required === undefined ? {} : { isRequired: required }),
    ...(readOnly === undefined ? {} : { isReadOnly: readOnly }),
    ...(values === undefined ? {} : { values }),
    ...(examples === undefined ? {} : { examples }),
  }));
}
