import { atLeast, atMost, type Figure, inSeconds, told } from '../figure.ts';
import type { Ground } from '../ground.ts';
import type { Bench } from '../scale.ts';
import { checkWhole } from '../scale.ts';

const PAGES = 100;
const RECORDS = 10_000;

/** Polling a source whose pages come with an ETag: what has not changed costs an answer without a body. */
export const etag: Bench = { name: 'etag', isPatient: true, measure };

function measure(ground: Ground): Promise<readonly Figure[]> {
  return ground.withStand({ syncs: [{ name: 'people', records: RECORDS }] }, async (stand) => {
    await stand.set({ hasEtags: true });
    checkWhole((await stand.run('people')).stats.records, RECORDS);
    await stand.set({ hasEtags: true });
    const { stats, seconds } = await stand.run('people');
    return [
      atLeast('100 unchanged pages with ETags: answered 304', stats.notModified, PAGES, `of ${stats.reads} requests to read`),
      atMost('100 unchanged pages with ETags: pages with a body', stats.reads - stats.notModified, 0),
      atMost('100 unchanged pages with ETags: writes', stats.writes, 0),
      told('100 unchanged pages with ETags: the run', `${inSeconds(seconds)} for ${RECORDS.toLocaleString('en-US')} records`),
    ];
  });
}
