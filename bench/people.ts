const START = Date.UTC(2026, 0, 1);
const SPAN_MS = 240 * 86_400_000;
const pages = new Map<string, string>();

/** They are made anew when they are asked for: the API should not be slowed down by what is not read any more. */
export function forgetPages(): void {
  pages.clear();
}

/** A page of a set of people by key, each with a time of change that grows with it; of a slice where `from` and `to` say so. The text is made once. */
export function peoplePage(query: URLSearchParams): string {
  const name = query.toString();
  const known = pages.get(name);
  if (known !== undefined) return known;
  const [set, count, limit] = [query.get('set') ?? 'people', Number(query.get('count')), Number(query.get('limit'))];
  const first = Math.max(Number(query.get('after') ?? 0) + 1, idAt(query.get('from'), count) ?? 1);
  const end = Math.min(count, idAt(query.get('to'), count) ?? count);
  const data = [];
  for (let id = first; id <= end && data.length < limit; id++) data.push(person(set, id, count));
  const last = data.at(-1)?.id ?? end;
  const text = JSON.stringify({ data, next: last < end ? last : null });
  pages.set(name, text);
  return text;
}

/** The first id that was changed at that time or later; it may be one after the last. */
function idAt(time: string | null, count: number): number | undefined {
  if (time === null || time === '') return undefined;
  return Math.max(1, Math.ceil(((Date.parse(time) - START) / SPAN_MS) * count));
}

function person(set: string, id: number, count: number) {
  return {
    id,
    email_address: `${set}${id}@example.test`,
    first_name: `First${id}`,
    last_name: `Last ${id}`,
    phone: '+14155550123',
    status: id % 3 === 0 ? 'won' : 'open',
    company: `Company ${id % 100}`,
    updated_at: new Date(START + (id / count) * SPAN_MS).toISOString(),
  };
}
