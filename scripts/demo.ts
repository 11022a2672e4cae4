import { parseArgs } from 'node:util';
import { runDemo } from './demo/run-demo.ts';
import { tellStory } from './demo/tell-story.ts';

/** `npm run demo`: the main job for real, killed in the middle, checked record by record. `-- --story`: the years after. `-- --keep` leaves all up. */
const { values } = parseArgs({
  options: { keep: { type: 'boolean', default: false }, story: { type: 'boolean', default: false }, contacts: { type: 'string', default: '5000' } },
});
try {
  const isKept = values.keep;
  // Programs that are kept up hold pipes to this one: it ends all the same.
  process.exit(await (values.story ? tellStory({ isKept }) : runDemo({ isKept, contacts: Number(values.contacts) })));
} catch (error) {
  process.stderr.write(`\n  ✗ ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
