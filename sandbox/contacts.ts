import { seededRandom } from './random.ts';

/** A contact as the CRM look-alike holds it. */
export interface CrmContact {
  readonly id: string;
  readonly email_address: string | null;
  readonly first_name: string;
  readonly last_name: string;
  readonly phone: string | null;
  readonly company: string;
  readonly country: string;
  readonly status: string;
  readonly owner_email: string | null;
  readonly created_at: string;
  readonly updated_at: string;
}

/** A user of the HubSpot look-alike. */
export interface Owner {
  readonly id: string;
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
}

const FIRST = ['Ada', 'Grace', 'Alan', 'Edsger', 'Barbara', 'Donald', 'Radia', 'Tony', 'Margaret', 'Ken', 'Frances', 'Dennis'] as const;
const LAST = ['Lovelace', 'Hopper', 'Turing', 'Dijkstra', 'Liskov', 'Knuth', 'Perlman', 'Hoare', 'Hamilton', 'Thompson', 'Allen', 'Ritchie'] as const;
const COMPANY = ['Northwind', 'Contoso', 'Initech', 'Globex', 'Umbrella', 'Hooli', 'Stark', 'Wayne'] as const;
const STATUS = ['open', 'won', 'lost', 'new'] as const;
const BASE_TIME = Date.UTC(2025, 0, 1);
/** Several change in one second, as in real services. */
const CHANGES_PER_SECOND = 3;

/** Owners whose e-mail addresses the contacts name. */
export function makeOwners(count: number): readonly Owner[] {
  return Array.from({ length: count }, (_, index) => ({
    id: String(70_000 + index),
    email: `owner${index + 1}@sales.test`,
    firstName: pick(FIRST, index),
    lastName: pick(LAST, index * 5),
  }));
}

/**
 * Contacts by the seed: the same for the same options. `badPercent` of them cannot be written, half for the mapping's reasons, half for the target's own.
 * Apart from those, some have odd spaces and capitals, a phone number that is none, or an owner who has left.
 */
export function makeContacts(options: {
  readonly count: number;
  readonly owners: number;
  readonly badPercent: number;
  readonly seed: number;
}): readonly CrmContact[] {
  const random = seededRandom(options.seed);
  return Array.from({ length: options.count }, (_, index) => {
    const id = index + 1;
    const owner = Math.floor(random() * options.owners) + 1;
    const isBad = random() * 100 < options.badPercent && id > 10; // the first ones are good, so that examples show the plain case
    const badness = isBad ? Math.floor(random() * 4) : undefined;
    const updatedAt = new Date(BASE_TIME + Math.floor(id / CHANGES_PER_SECOND) * 1000).toISOString();
    const contact: CrmContact = {
      id: String(id),
      email_address: id % 7 === 0 ? ` Person${id}@Example.test ` : `person${id}@example.test`,
      first_name: pick(FIRST, Math.floor(random() * FIRST.length)),
      last_name: pick(LAST, Math.floor(random() * LAST.length)),
      phone: id % 5 === 0 ? null : id % 97 === 0 ? 'ask the front desk' : `+1415555${String(1000 + (id % 9000))}`,
      company: `${pick(COMPANY, id)} ${id % 40}`,
      country: 'US',
      status: pick(STATUS, Math.floor(random() * STATUS.length)),
      owner_email: id % 50 === 0 ? 'someone.who.left@sales.test' : id % 6 === 0 ? ` Owner${owner}@Sales.test` : `owner${owner}@sales.test`,
      created_at: updatedAt,
      updated_at: updatedAt,
    };
    return badness === undefined ? contact : spoil(contact, badness);
  });
}

function spoil(contact: CrmContact, badness: number): CrmContact {
  if (badness === 0) return { ...contact, email_address: null };
  if (badness === 1) return { ...contact, email_address: `person${contact.id}.example.test` };
  // The mapping lets these pass; the target refuses them.
  return { ...contact, email_address: `person${contact.id}@blocked.test` };
}

function pick<Value>(values: readonly Value[], index: number): Value {
  const value = values[index % values.length];
  if (value === undefined) throw new Error('nothing to pick from');
  return value;
}
