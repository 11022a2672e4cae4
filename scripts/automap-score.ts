import { type PairScore, precisionOf, recallOf, scorePairs, sumOf } from '../test/automap/score.ts';

/** From here on `--write --yes` adds. */
const SURE = 0.8;
const showsWrong = process.argv.includes('--wrong');

/** Prints how often automap is right: by the pairs it was made with, and by pairs that were never looked at. */
for (const folder of ['pairs', 'held-out'] as const) {
  const scores = scorePairs(folder);
  write(`${folder === 'pairs' ? '' : '\n'}${(folder === 'pairs' ? 'Pairs' : 'Held out').padEnd(47)}precision  recall  right / proposed / wanted`);
  for (const score of scores) print(score.name, score);
  print('together', sumOf(scores));
  print('together, what is added without asking', sumOf(scorePairs(folder, SURE)));
  // Of pairs that are held out nothing is shown: who knows them would tune for them.
  if (showsWrong && folder === 'pairs') showWrong(scores);
}

function print(name: string, score: Pick<PairScore, 'right' | 'proposed' | 'wanted'>): void {
  const figures = [precisionOf(score), recallOf(score)].map((figure) => figure.toFixed(3));
  write(`  ${name.padEnd(44)} ${figures[0]?.padStart(9)} ${figures[1]?.padStart(7)}  ${score.right} / ${score.proposed} / ${score.wanted}`);
}

function showWrong(scores: readonly PairScore[]): void {
  for (const { name, wrong, missed } of scores) {
    for (const line of wrong) write(`  ${name}: wrong   ${line}`);
    for (const line of missed) write(`  ${name}: missed  ${line}`);
  }
}

function write(line: string): void {
  process.stdout.write(`${line}\n`);
}
