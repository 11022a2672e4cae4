import type { JsonObject } from '../../engine/json.ts';
import { ShapeMeter } from '../../engine/shape-meter.ts';
import { atMost, type Figure } from '../figure.ts';
import type { Bench } from '../scale.ts';

const DISTINCT = 1_000;
const PAGE = 100;

/** What it costs a run to keep the shape of what it reads. */
export const shape: Bench = { name: 'shape', measure };

async function measure(): Promise<readonly Figure[]> {
  const records = Array.from({ length: DISTINCT }, (_, index) => contact(index));
  const meter = new ShapeMeter();
  const count = () => {
    for (const record of records) meter.observe(record);
  };
  const keep = () => {
    for (let page = 0; page < DISTINCT / PAGE; page++) JSON.stringify(structuredClone(meter.shape()));
  };
  const fields = `of ${Object.keys(shapeOf(records)).length} fields`;
  return [
    atMost('shape: counting a record, µs', microseconds(count), 5, fields),
    atMost('shape: keeping it with a page of 100, µs a record', microseconds(keep), 5, fields),
  ];
}

function shapeOf(records: readonly JsonObject[]): object {
  const meter = new ShapeMeter();
  for (const record of records) meter.observe(record);
  return meter.shape().fields;
}

/** A record, of work that goes through all of them; once it is warm. */
function microseconds(work: () => void): number {
  const rounds = 200;
  for (let round = 0; round < rounds / 4; round++) work();
  const startedAt = process.cpuUsage().user;
  for (let round = 0; round < rounds; round++) work();
  return (process.cpuUsage().user - startedAt) / rounds / DISTINCT;
}

/** As a CRM would have it, some of it nested. */
function contact(index: number): JsonObject {
  const text = JSON.stringify({
    id: `${index}`,
    email_address: `person${index}@example.test`,
    first_name: `First${index}`,
    last_name: `Last ${index}`,
    phone: index % 3 === 0 ? null : '+14155550123',
    company: 'Company',
    status: 'open',
    owner_email: 'owner@example.test',
    score: index,
    is_active: true,
    created_at: '2026-01-01T00:00:00Z',
    updated_at: '2026-01-02T00:00:00Z',
    notes: null,
    language: 'en',
    address: { street: 'Street 1', zip: '12345', city: 'City', country: 'US', geo: { lat: 1.5, lng: 2.5 } },
    tags: ['a', 'b'],
    emails: [{ value: 'a@example.test', is_primary: true }],
  });
  // Parsed, as what is read is: such objects are laid out otherwise than those of a literal.
  return JSON.parse(text);
}
