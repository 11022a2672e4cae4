import { z } from 'zod';

const contactSchema = z.object({
  id: z.string(),
  email_address: z.string().nullish(),
  first_name: z.string().nullish(),
  last_name: z.string().nullish(),
  company: z.string().nullish(),
  status: z.string().nullish(),
  owner_email: z.string().nullish(),
});
const targetSchema = z.object({ id: z.string(), properties: z.record(z.string(), z.string().nullable()) });
const ownerSchema = z.object({ id: z.string(), email: z.string() });

/** What a record-by-record comparison of both sides found. */
export interface Verification {
  readonly inSource: number;
  readonly inTarget: number;
  readonly equal: number;
  /** Source ids whose target record differs from what the mapping says. */
  readonly different: readonly string[];
  /** Source ids that the target does not have. */
  readonly absent: readonly string[];
  /** E-mail addresses that the target has more than once. */
  readonly doubled: readonly string[];
}

/**
 * Compares the target with the source record by record. The mapping is written down here a second time, by hand: a check that used the product's own mapping
 * would agree with its mistakes.
 */
export async function verify(crmUrl: string, hubspotUrl: string): Promise<Verification> {
  const contacts = z.array(contactSchema).parse(await records(crmUrl, 'contacts'));
  const targets = z.array(targetSchema).parse(await records(hubspotUrl, 'contacts'));
  const owners = z.array(ownerSchema).parse(await records(hubspotUrl, 'owners'));
  const ownerIds = new Map(owners.map((owner) => [owner.email.trim().toLowerCase(), owner.id]));
  const byEmail = new Map<string, z.output<typeof targetSchema>[]>();
  for (const target of targets) {
    const email = target.properties['email'] ?? '';
    byEmail.set(email, [...(byEmail.get(email) ?? []), target]);
  }
  const different: string[] = [];
  const absent: string[] = [];
  let equal = 0;
  for (const contact of contacts) {
    const [target] = byEmail.get((contact.email_address ?? '').trim().toLowerCase()) ?? [];
    if (target === undefined) absent.push(contact.id);
    else if (isAsMapped(contact, target.properties, ownerIds)) equal += 1;
    else different.push(contact.id);
  }
  const doubled = [...byEmail].filter(([, found]) => found.length > 1).map(([email]) => email);
  return { inSource: contacts.length, inTarget: targets.length, equal, different, absent, doubled };
}

function isAsMapped(
  contact: z.output<typeof contactSchema>,
  properties: Readonly<Record<string, string | null>>,
  ownerIds: ReadonlyMap<string, string>,
): boolean {
  const stage = contact.status === 'won' ? 'customer' : contact.status === 'open' ? 'lead' : 'subscriber';
  const owner = ownerIds.get((contact.owner_email ?? '').trim().toLowerCase());
  const expected: readonly (readonly [string, string | null | undefined])[] = [
    ['firstname', contact.first_name],
    ['lastname', contact.last_name],
    ['company', contact.company],
    ['lifecyclestage', stage],
    ['hubspot_owner_id', owner],
  ];
  return expected.every(([name, value]) => (properties[name] ?? '') === (value ?? ''));
}

async function records(baseUrl: string, object: string): Promise<unknown> {
  const answer = await fetch(`${baseUrl}/_sandbox/records?object=${object}`);
  return answer.json();
}
