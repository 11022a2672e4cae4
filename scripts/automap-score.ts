import { type PairScore, precisionOf, recallOf, scorePairs, sumOf } from '../test/automap/score.ts';

const isLong = process.argv.includes('--wrong');

/** Prints how often automap is right: by the pairs it was made with, and by pairs that were never looked at. */
for (const folder of ['pairs', 'held-out'] as const) {
  const scores = scorePairs(folder);
  console.log(`${folder === 'pairs' ? 'Pairs' : '\nHeld out'}`.padEnd(46), 'precision  recall  right / proposed / wanted');
  for (const score of scores) print(score.name, score);
  print('together', sumOf(scores));
  if (isLong) for (const { name, wrong, missed } of scores) for (const line of [...wrong.map((one) => `wrong   ${one}`), ...missed.map((one) => `missed  ${one}`)]) console.log(`  ${name}: ${line}`);
}

function print(name: string, score: Pick<PairScore, 'right' | 'proposed' | 'wanted'>): void {
  const figures = [precisionOf(score), recallOf(score)].map((figure) => figure.toFixed(3));
  console.log(`  ${name.padEnd(44)} ${figures[0]?.padStart(9)} ${figures[1]?.padStart(7)}  ${score.right} / ${score.proposed} / ${score.wanted}`);
}
