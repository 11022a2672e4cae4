import { splitPath } from '../field-path.ts';
import { CONCEPTS, NEUTRAL_WORDS, OTHER_WORDS, SHORT_FORMS } from './concepts.ts';

/** What vendors put before or behind the names of their own fields, or of those of an account. */
const PREFIXES = ['hs_', 'hubspot_', 'sf_', 'crm_', 'cf_', 'cst_', 'custom_', 'c_', 'x_', 'fld_'];
const SUFFIXES = ['__c', '__pc', '_c', '__r'];
/** Of questions: `is_active`, `hasOptedOutOfEmail`. */
const QUESTIONS: ReadonlySet<string> = new Set(['is', 'has', 'have', 'was']);
const LITTLE: ReadonlySet<string> = new Set(['of', 'the', 'a', 'an', 'for']);

/** Every word that phrases are made of: by them words that are written in one are told apart. */
const VOCABULARY: ReadonlySet<string> = new Set(
  [...[...CONCEPTS.keys()].flatMap((phrase) => phrase.split(' ')), ...NEUTRAL_WORDS, ...OTHER_WORDS, 'percent', 'discount', 'date'].filter((word) =>
    /^[a-z]{2,}$/.test(word),
  ),
);

/** The words of a field's name, in lower case and written out: `MailingPostalCode`, `hs_email_optout`, `` address.`zip code` ``, `numberofemployees`. */
export function wordsOf(name: string): readonly string[] {
  return splitPath(name).flatMap((step) => wordsOfText(bare(step)));
}

/** The words of a label: `State/Province`, `No. of Employees`. */
export function wordsOfText(text: string): readonly string[] {
  const parts = text
    .replaceAll(/['’]s\b/g, '')
    .replaceAll(/e-mail/gi, 'email')
    .replaceAll(/([a-z\d])([A-Z])/g, '$1 $2')
    .replaceAll(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .replaceAll(/([A-Za-z])(\d)/g, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\d]+/u)
    .filter((part) => part !== '');
  const words = parts.flatMap(written).flatMap((word) => (SHORT_FORMS[word] ?? word).split(' '));
  const asked = words.length > 1 && QUESTIONS.has(words[0] ?? '') ? words.slice(1) : words;
  return asked.filter((word, index) => index === 0 || word !== asked[index - 1]);
}

/** Without words that only hold others together. */
export function mainWords(words: readonly string[]): readonly string[] {
  const main = words.filter((word) => !LITTLE.has(word));
  return main.length === 0 ? words : main;
}

function bare(step: string): string {
  const prefix = PREFIXES.find((one) => step.toLowerCase().startsWith(one) && step.length > one.length + 1);
  const suffix = SUFFIXES.find((one) => step.toLowerCase().endsWith(one) && step.length > one.length + 1);
  return step.slice(prefix?.length ?? 0, suffix === undefined ? undefined : -suffix.length);
}

/** Words that are written in one, where all of it is made of words that are known: the fewest, of which the longest. */
function written(part: string): readonly string[] {
  if (VOCABULARY.has(part) || SHORT_FORMS[part] !== undefined || CONCEPTS.has(part) || part.length < 6 || part.length > 40) return [part];
  const best: (readonly string[] | undefined)[] = [[]];
  for (let end = 1; end <= part.length; end += 1) {
    for (let start = 0; start < end; start += 1) {
      const before = best[start];
      const word = part.slice(start, end);
      if (before === undefined || !isWord(word)) continue;
      if (best[end] === undefined || before.length + 1 < (best[end]?.length ?? 0)) best[end] = [...before, word];
    }
    best[end] ??= undefined;
  }
  return best[part.length] ?? [part];
}

function isWord(word: string): boolean {
  return VOCABULARY.has(word) || (word.length > 2 && SHORT_FORMS[word] !== undefined) || word === 'num';
}
