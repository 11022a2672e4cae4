const ENDINGS: readonly (readonly [RegExp, string])[] = [
  [/ (?:Syncline tries again|It is tried again)\.$/, ' Try again when it answers.'],
  [/: Syncline goes on (in .+|then|soon)\.$/, '. Try again $1.'],
  [/ (?:Syncline reads the list|The list is read) again from its start\.$/, ' Try again.'],
];

/** An error as it is told by a command that has ended: a run would go on by itself, a command does not. */
export function givenUp(message: string): string {
  return ENDINGS.reduce((text, [ending, instead]) => text.replace(ending, instead), message);
}
