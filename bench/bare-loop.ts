import { Pool } from 'undici';

interface People {
  readonly data: readonly {
    readonly email_address: string;
    readonly first_name: string;
    readonly last_name: string;
    readonly phone: string;
    readonly status: string;
    readonly company: string;
  }[];
  readonly next: number | null;
}

export interface LoopResult {
  readonly records: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
}

/**
 * What a good engineer writes by hand: pages read one ahead of the writes, batches in flight, the same mapping. It remembers nothing, retries nothing, and loses all when it is
 * killed: the measure of what is possible.
 * @param set of people that is read
 */
export function bareLoop(url: string, records: number, concurrency: number, set = 'people'): Promise<LoopResult> {
  return timed(async () => {
    const source = new Pool(url, { connections: 1 });
    const target = new Pool(url, { connections: concurrency });
    const inFlight = new Set<Promise<void>>();
    let written = 0;
    let reading: Promise<People> | undefined = readPage(source, { set, records, after: 0 });
    while (reading !== undefined) {
      const { data, next }: People = await reading;
      reading = next === null ? undefined : readPage(source, { set, records, after: next });
      while (inFlight.size >= concurrency) await Promise.race(inFlight);
      const writing: Promise<void> = write(target, data.map(asContact)).then((count) => {
        written += count;
        inFlight.delete(writing);
      });
      inFlight.add(writing);
    }
    await Promise.all(inFlight);
    await Promise.all([source.close(), target.close()]);
    return written;
  });
}

/** The pages of the list one after the other, and nothing done with them. */
export function bareReading(url: string, records: number): Promise<LoopResult> {
  return timed(async () => {
    const source = new Pool(url, { connections: 1 });
    let read = 0;
    for (let after: number | null = 0; after !== null; ) {
      const { data, next }: People = await readPage(source, { set: 'people', records, after });
      read += data.length;
      after = next;
    }
    await source.close();
    return read;
  });
}

async function readPage(source: Pool, { set, records, after }: { readonly set: string; readonly records: number; readonly after: number }): Promise<People> {
  const answer = await source.request({ path: `/people?set=${set}&count=${records}&limit=100&after=${after}`, method: 'GET' });
  // eslint-disable-next-line @typescript-eslint/consistent-type-assertions -- the bench's own API answers; a schema would cost what is measured
  return (await answer.body.json()) as People;
}

async function write(target: Pool, items: readonly object[]): Promise<number> {
  const body = JSON.stringify({ items });
  const answer = await target.request({ path: '/contacts/batch', method: 'POST', headers: { 'content-type': 'application/json' }, body });
  await answer.body.json();
  return items.length;
}

function asContact(person: People['data'][number]): object {
  return {
    email: person.email_address.trim().toLowerCase(),
    firstname: person.first_name,
    lastname: person.last_name,
    phone: person.phone,
    lifecyclestage: person.status === 'won' ? 'customer' : 'lead',
    company: person.company,
  };
}

async function timed(work: () => Promise<number>): Promise<LoopResult> {
  const [startedAt, before] = [performance.now(), process.cpuUsage()];
  const records = await work();
  const { user, system } = process.cpuUsage(before);
  return { records, seconds: (performance.now() - startedAt) / 1_000, cpuSeconds: (user + system) / 1e6 };
}
