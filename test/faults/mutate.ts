import type { Dice } from '../crash/seeded.ts';

/** Pieces that hurt: other kinds of values, other alphabets, numbers beyond all bounds, keys that objects have by nature. */
const PIECES = [
  'null', 'true', '[]', '{}', '""', '0', '-1', '1e999', '9007199254740993', '12345678901234567890', '"__proto__"', '"constructor"', '"\\ud800"', '\u0000', '\ufeff', '<html>', '[[[[[[[[', '}', ']', ',', ':',
  '"error": "no"', '"next": "/people?after=1"', '\\', '"', '\u202e', '💥', ' '.repeat(200), '{"a":'.repeat(40),
] as const; // biome-ignore format: one list

/** A few changes to a text: something cut out, put in, doubled, or exchanged. */
export function mutate(text: string, dice: Dice): string {
  let mutated = text;
  const changes = 1 + dice.integer(3);
  for (let change = 0; change < changes; change++) {
    const at = dice.integer(mutated.length + 1);
    const length = dice.integer(12);
    const piece = PIECES[dice.integer(PIECES.length)] ?? '';
    switch (dice.integer(5)) {
      case 0:
        mutated = mutated.slice(0, at);
        break;
      case 1:
        mutated = mutated.slice(0, at) + mutated.slice(at + length);
        break;
      case 2:
        mutated = mutated.slice(0, at) + piece + mutated.slice(at);
        break;
      case 3:
        mutated = mutated.slice(0, at) + mutated.slice(at, at + length).repeat(3) + mutated.slice(at + length);
        break;
      default:
        mutated = exchangeValue(mutated, piece, dice);
    }
  }
  return mutated;
}

/** One of the JSON values in the text becomes another one: what is left is mostly JSON still. */
function exchangeValue(text: string, piece: string, dice: Dice): string {
  const values = [...text.matchAll(/"(?:[^"\\]|\\.)*"|-?\d+|true|false|null/g)];
  const value = values[dice.integer(Math.max(1, values.length))];
  if (value === undefined) return text + piece;
  return text.slice(0, value.index) + piece + text.slice(value.index + value[0].length);
}
