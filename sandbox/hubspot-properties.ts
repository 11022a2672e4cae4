import { type InvalidProperty, invalidProperties, type Refusal } from './hubspot-error.ts';

export type ObjectName = 'contacts' | 'companies';
export type Properties = Readonly<Record<string, string>>;

interface ObjectProperties {
  /** What can be written. */
  readonly writable: ReadonlySet<string>;
  /** Its values are unique: records can be upserted by it. */
  readonly unique: readonly string[];
  /** Found quickly by the search. */
  readonly indexed: readonly string[];
  /** Returned where a request names none. */
  readonly shown: readonly string[];
  /** Named differently for each object. */
  readonly modified: string;
}

const COMMON = ['hubspot_owner_id', 'phone', 'city', 'country', 'lifecyclestage', 'external_id'] as const;
export const READ_ONLY: ReadonlySet<string> = new Set(['hs_object_id', 'createdate', 'lastmodifieddate', 'hs_lastmodifieddate']);
export const STAGES = ['subscriber', 'lead', 'marketingqualifiedlead', 'salesqualifiedlead', 'opportunity', 'customer', 'evangelist', 'other'] as const;
/** Refused although the form is right: what only the target can know. */
const BLOCKED_DOMAIN = '@blocked.test';

/** The standard properties that the look-alike knows, and one of the account's own with unique values, `external_id`. */
export const PROPERTIES: Readonly<Record<ObjectName, ObjectProperties>> = {
  contacts: {
    writable: new Set([...COMMON, 'email', 'firstname', 'lastname', 'company', 'jobtitle', 'website']),
    unique: ['email', 'external_id'],
    indexed: ['email', 'external_id'],
    shown: ['createdate', 'email', 'firstname', 'hs_object_id', 'lastmodifieddate', 'lastname'],
    modified: 'lastmodifieddate',
  },
  companies: {
    writable: new Set([...COMMON, 'name', 'domain', 'industry', 'website']),
    unique: ['external_id'],
    indexed: ['external_id', 'domain', 'name'],
    shown: ['createdate', 'domain', 'hs_lastmodifieddate', 'hs_object_id', 'name'],
    modified: 'hs_lastmodifieddate',
  },
};

/** @returns undefined where HubSpot would take the values */
export function refuseValues(object: ObjectName, properties: Properties, ownerIds: ReadonlySet<string>): Refusal | undefined {
  const invalid = Object.entries(properties).flatMap(([name, value]) => findFault(object, name, value, ownerIds) ?? []);
  return invalid.length === 0 ? undefined : invalidProperties(invalid);
}

/** Properties of a batch that do not exist. */
export function unknownProperties(object: ObjectName, names: Iterable<string>): readonly InvalidProperty[] {
  const { writable } = PROPERTIES[object];
  return [...new Set(names)]
    .filter((name) => !writable.has(name) && !READ_ONLY.has(name))
    .map((name) => ({ name, error: 'PROPERTY_DOESNT_EXIST', message: `Property "${name}" does not exist` }));
}

function findFault(object: ObjectName, name: string, value: string, ownerIds: ReadonlySet<string>): InvalidProperty | undefined {
  if (READ_ONLY.has(name)) return { name, error: 'READ_ONLY_VALUE', message: `"${name}" is a read only property; its value cannot be set.` };
  if (value === '') return undefined;
  if (object === 'contacts' && name === 'email' && (!/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(value) || value.toLowerCase().endsWith(BLOCKED_DOMAIN)))
    return { name, error: 'INVALID_EMAIL', message: `Email address ${value} is invalid` };
  if (name === 'lifecyclestage' && !STAGES.some((stage) => stage === value))
    return { name, error: 'INVALID_OPTION', message: `${value} was not one of the allowed options: [${STAGES.join(', ')}]` };
  if (name === 'hubspot_owner_id' && !ownerIds.has(value)) return { name, error: 'INVALID_OWNER_ID', message: `Owner ${value} does not exist` };
  return unknownProperties(object, [name])[0];
}
