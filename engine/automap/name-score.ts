import { NEUTRAL_WORDS, OTHER_WORDS } from './concepts.ts';
import type { Meaning } from './meaning.ts';

export interface NameScore {
  /** 0 to 1. */
  readonly score: number;
  /** Why, in words. */
  readonly reason: string;
}

const NONE: NameScore = { score: 0, reason: '' };
const SAME_WORDS = 1;
const SAME_CONCEPT = 0.96;
const SAME_LEAF = 0.82;
/** Words that are partly the same say little: `email` is in `email bounced reason`. */
const SHARED_WORDS = 0.7;
/** What a label says counts a little less than what a name says. */
const BY_LABEL = 0.02;

/** How much two fields mean the same by what they are called. */
export function nameScore(source: readonly Meaning[], target: readonly Meaning[]): NameScore {
  let best = NONE;
  for (const one of source) {
    for (const other of target) {
      const found = compare(one, other);
      const score = found.score - (one.isLabel ? BY_LABEL : 0) - (other.isLabel ? BY_LABEL : 0);
      if (score > best.score) best = { ...found, score };
    }
  }
  return best;
}

function compare(one: Meaning, other: Meaning): NameScore {
  if (one.joined === '' || other.joined === '') return NONE;
  if (one.joined === other.joined) {
    return { score: SAME_WORDS, reason: one.isLabel || other.isLabel ? `called "${one.words.join(' ')}"` : 'the same name' };
  }
  if (one.concept !== undefined && one.concept === other.concept) {
    const score = SAME_CONCEPT - distanceOf(one.qualifiers, other.qualifiers);
    return { score: Math.max(0, score), reason: `both mean the ${one.concept}` };
  }
  // Both are known, and known to be something else.
  if (one.concept !== undefined && other.concept !== undefined) return NONE;
  // `dimensions.width` is a width. Of what is known by more than its own name (`consent.state`) that is not sure.
  if (one.leaf === other.joined && one.concept === undefined && other.concept === undefined)
    return { score: SAME_LEAF, reason: 'the same name, inside of another field' };
  return sharedWords(one.main, other.main);
}

function sharedWords(one: readonly string[], other: readonly string[]): NameScore {
  const shared = one.filter((word) => other.includes(word));
  if (shared.length === 0) return NONE;
  const differing = [...one, ...other].filter((word) => !shared.includes(word));
  if (differing.every((word) => NEUTRAL_WORDS.has(word))) {
    return shared.every((word) => NEUTRAL_WORDS.has(word)) ? NONE : { score: SAME_CONCEPT - 0.05 * differing.length, reason: `both say "${shared.join(' ')}"` };
  }
  return { score: (SHARED_WORDS * 2 * shared.length) / (one.length + other.length), reason: `both say "${shared.join(' ')}"` };
}

/** How far apart `billing city` and `city` are, or `other city` and `city`. */
function distanceOf(one: readonly string[], other: readonly string[]): number {
  const differing = [...one.filter((word) => !other.includes(word)), ...other.filter((word) => !one.includes(word))];
  return differing.reduce((sum, word) => sum + weightOf(word), 0);
}

function weightOf(word: string): number {
  if (NEUTRAL_WORDS.has(word)) return 0.03;
  return OTHER_WORDS.has(word) ? 0.14 : 0.3;
}
