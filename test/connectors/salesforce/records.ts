/** One kind of object of an org, with the rules that refuse records. */
export interface SObjectType {
  readonly name: string;
  readonly prefix: string;
  readonly required: readonly string[];
  readonly fields: readonly string[];
  readonly externalIds: readonly string[];
}

export type Fields = Readonly<Record<string, string | number | boolean | null>>;

/** As the API says it: developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/errorcodes.htm */
export interface SalesforceError {
  readonly statusCode: string;
  readonly message: string;
  readonly fields: readonly string[];
}

export type Saved = { readonly success: true; readonly id: string; readonly created: boolean } | { readonly success: false; readonly error: SalesforceError };

const COMMON = ['Id', 'Name', 'OwnerId', 'CreatedDate', 'LastModifiedDate', 'SystemModstamp', 'IsDeleted'];

export const TYPES: readonly SObjectType[] = [
  {
    name: 'Contact',
    prefix: '003',
    required: ['LastName'],
    fields: [...COMMON, 'FirstName', 'LastName', 'Email', 'Phone', 'Title', 'AccountId', 'External_Id__c'],
    externalIds: ['External_Id__c'],
  },
  {
    name: 'Account',
    prefix: '001',
    required: ['Name'],
    fields: [...COMMON, 'Website', 'Industry', 'External_Id__c', 'Tier__pc'],
    externalIds: ['External_Id__c'],
  },
  { name: 'Lead', prefix: '00Q', required: ['LastName', 'Company'], fields: [...COMMON, 'LastName', 'Company', 'Email', 'External_Id__c'], externalIds: [] },
  { name: 'Invoice__c', prefix: 'a00', required: ['Number__c'], fields: [...COMMON, 'Number__c', 'Amount__c'], externalIds: ['Number__c'] },
];

/** The records of an org. Counts how often each external id was written, so that a test sees what was written twice. */
export class Records {
  readonly byType = new Map<string, Map<string, Fields>>(TYPES.map(({ name }) => [name, new Map<string, Fields>()]));
  /** By external id (or last name): times it was created. */
  readonly created = new Map<string, number>();
  writes = 0;
  /** The recycle bin. */
  readonly recycled: Fields[] = [];
  #lastId = 0;
  /** Of the org's clock: no two records are changed in the same moment. */
  #clock = Date.parse('2026-01-01T00:00:00Z');

  typeOf(name: string): SObjectType | undefined {
    return TYPES.find((type) => type.name === name);
  }

  all(name: string): ReadonlyMap<string, Fields> {
    return this.byType.get(name) ?? new Map();
  }

  create(type: SObjectType, fields: Fields): Saved {
    const error = refusal(type, fields) ?? missing(type, fields);
    if (error !== undefined) return { success: false, error };
    this.#lastId += 1;
    const id = `${type.prefix}${String(this.#lastId).padStart(15, '0')}`;
    const name = String(fields['External_Id__c'] ?? fields['Number__c'] ?? fields['LastName'] ?? id);
    this.created.set(name, (this.created.get(name) ?? 0) + 1);
    return this.#save(type, id, { Id: id, IsDeleted: false, ...fields }, true);
  }

  update(type: SObjectType, id: string, fields: Fields): Saved {
    const before = this.all(type.name).get(id);
    const error =
      before === undefined
        ? { statusCode: 'ENTITY_IS_DELETED', message: 'entity is deleted', fields: [] }
        : (refusal(type, fields) ?? missing(type, { ...before, ...fields }));
    if (error !== undefined) return { success: false, error };
    return this.#save(type, id, { ...before, ...fields, Id: id }, false);
  }

  upsert(type: SObjectType, externalId: string, { Id: _, ...fields }: Fields): Saved {
    const found = [...this.all(type.name).entries()].find(([, record]) => record[externalId] === fields[externalId]);
    return found === undefined ? this.create(type, fields) : this.update(type, found[0], fields);
  }

  delete(type: SObjectType, id: string): Saved {
    const record = this.all(type.name).get(id);
    if (record !== undefined) {
      this.byType.get(type.name)?.delete(id);
      this.recycled.push({ ...record, IsDeleted: true, SystemModstamp: this.#now(), type: type.name });
      this.writes += 1;
      return { success: true, id, created: false };
    }
    return { success: false, error: { statusCode: 'ENTITY_IS_DELETED', message: 'entity is deleted', fields: [] } };
  }

  #now(): string {
    this.#clock += 1_000;
    return new Date(this.#clock).toISOString().replace('Z', '+0000');
  }

  #save(type: SObjectType, id: string, fields: Fields, created: boolean): Saved {
    this.writes += 1;
    const at = this.#now();
    this.byType.get(type.name)?.set(id, { ...fields, LastModifiedDate: at, SystemModstamp: at, ...(created ? { CreatedDate: at } : {}) });
    return { success: true, id, created };
  }
}

function refusal({ fields: known }: SObjectType, fields: Fields): SalesforceError | undefined {
  const stranger = Object.keys(fields).find((name) => !known.includes(name));
  if (stranger !== undefined) return { statusCode: 'INVALID_FIELD', message: `No such column '${stranger}' on entity`, fields: [stranger] };
  const email = fields['Email'];
  if (typeof email === 'string' && !/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(email))
    return { statusCode: 'INVALID_EMAIL_ADDRESS', message: `Email: invalid email address: ${email}`, fields: ['Email'] };
  return undefined;
}

function missing({ required }: SObjectType, fields: Fields): SalesforceError | undefined {
  const lacking = required.filter((name) => fields[name] === undefined || fields[name] === null || fields[name] === '');
  if (lacking.length === 0) return undefined;
  return { statusCode: 'REQUIRED_FIELD_MISSING', message: `Required fields are missing: [${lacking.join(', ')}]`, fields: lacking };
}
