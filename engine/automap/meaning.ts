import type { FieldFacts } from '../field-facts.ts';
import { CONCEPTS } from './concepts.ts';
import { mainWords, wordsOf, wordsOfText } from './words.ts';

/** Words that may stand behind a name and change nothing. */
const TAILS: ReadonlySet<string> = new Set(['1', 'code', 'text', 'value', 'field', 'input']);

/** What the name or the label of a field says. */
export interface Meaning {
  readonly words: readonly string[];
  /** The words that say something. */
  readonly main: readonly string[];
  /** All words in one. */
  readonly joined: string;
  /** What is usually called so; undefined where that is not known. */
  readonly concept: string | undefined;
  /** The words before: whose, which one, where. */
  readonly qualifiers: readonly string[];
  readonly isLabel: boolean;
  /** Of a field inside of another: its own name without that of the other, in one word. */
  readonly leaf: string | undefined;
}

/** What a field may mean: by its name, and by its label where that says something else. */
export function meaningsOf({ name, label, isNested }: Pick<FieldFacts, 'name' | 'label' | 'isNested'>): readonly Meaning[] {
  const leaf = isNested === true ? wordsOf(name.slice(name.lastIndexOf('.') + 1)).join('') : undefined;
  const byName = { ...meaningOf(wordsOf(name), false), leaf };
  if (label === undefined) return [byName];
  const byLabel = meaningOf(wordsOfText(label), true);
  return byLabel.joined === '' || byLabel.joined === byName.joined ? [byName] : [byName, byLabel];
}

/** The head of a name stands at its end: `assistant phone` is a phone, and `phone extension` is none. The longest phrase that is known there counts. */
function meaningOf(words: readonly string[], isLabel: boolean): Meaning {
  const said = { words, main: mainWords(words), joined: words.join(''), isLabel, leaf: undefined };
  // `emailaddress1` is the e-mail address, `industrycode` the industry.
  const ends = words.length > 1 && TAILS.has(words.at(-1) ?? '') ? [words, words.slice(0, -1)] : [words];
  for (const read of ends) {
    for (let from = 0; from < read.length; from += 1) {
      const phrase = read.slice(from);
      const concept = CONCEPTS.get(phrase.join(' ')) ?? CONCEPTS.get(mainWords(phrase).join(' '));
      if (concept !== undefined) return { ...said, concept, qualifiers: read.slice(0, from) };
    }
  }
  return { ...said, concept: undefined, qualifiers: [] };
}
