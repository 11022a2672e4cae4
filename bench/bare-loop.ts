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

/**
 * What a good engineer writes by hand: pages read one ahead of the writes, batches in flight, the same mapping. It remembers nothing, retries nothing, and loses all when it is
 * killed: the measure of what is possible.
 */
export async function bareLoop(url: string, concurrency: number): Promise<{ readonly records: number; readonly seconds: number }> {
  const source = new Pool(url, { connections: 1 });
  const target = new Pool(url, { connections: concurrency });
  const startedAt = performance.now();
  const inFlight = new Set<Promise<void>>();
  let records = 0;
  const read = async (after: number): Promise<People> => {
    const answer = await source.request({ path: `/people?after=${after}`, method: 'GET' });
    // eslint-disable-next-line @typescript-eslint/consistent-type-assertions -- the bench's own API answers; a schema would cost what is measured
    return (await answer.body.json()) as People;
  };
  const write = async (items: readonly object[]): Promise<void> => {
    const body = JSON.stringify({ items });
    const answer = await target.request({ path: '/contacts/batch', method: 'POST', headers: { 'content-type': 'application/json' }, body });
    await answer.body.json();
    records += items.length;
  };
  let reading: Promise<People> | undefined = read(0);
  while (reading !== undefined) {
    const { data, next }: People = await reading;
    reading = next === null ? undefined : read(next);
    const items = data.map((person) => ({
      email: person.email_address.trim().toLowerCase(),
      firstname: person.first_name,
      lastname: person.last_name,
      phone: person.phone,
      lifecyclestage: person.status === 'won' ? 'customer' : 'lead',
      company: person.company,
    }));
    while (inFlight.size >= concurrency) await Promise.race(inFlight);
    const writing: Promise<void> = write(items).finally(() => inFlight.delete(writing));
    inFlight.add(writing);
  }
  await Promise.all(inFlight);
  await Promise.all([source.close(), target.close()]);
  return { records, seconds: (performance.now() - startedAt) / 1_000 };
}
