import { type ObjectName, PROPERTIES, READ_ONLY, STAGES } from './hubspot-properties.ts';

interface Described {
  readonly label: string;
  readonly type?: string;
  readonly fieldType?: string;
  readonly options?: readonly string[];
  readonly referencedObjectType?: string;
}

/** What is not a line of text, or has a label that its name does not tell. */
const DESCRIBED: Readonly<Record<string, Described>> = {
  firstname: { label: 'First Name' },
  lastname: { label: 'Last Name' },
  phone: { label: 'Phone Number', fieldType: 'phonenumber' },
  company: { label: 'Company Name' },
  jobtitle: { label: 'Job Title' },
  website: { label: 'Website URL' },
  country: { label: 'Country/Region' },
  external_id: { label: 'External ID' },
  lifecyclestage: { label: 'Lifecycle Stage', type: 'enumeration', fieldType: 'radio', options: STAGES },
  hubspot_owner_id: { label: 'Contact owner', type: 'enumeration', fieldType: 'select', referencedObjectType: 'OWNER' },
  hs_object_id: { label: 'Record ID', type: 'number', fieldType: 'number' },
  createdate: { label: 'Create Date', type: 'datetime', fieldType: 'date' },
  lastmodifieddate: { label: 'Last Modified Date', type: 'datetime', fieldType: 'date' },
  hs_lastmodifieddate: { label: 'Last Modified Date', type: 'datetime', fieldType: 'date' },
};

/** All properties of an object as "Read all properties" answers them. */
export function listProperties(object: ObjectName): unknown {
  const { writable, unique, modified } = PROPERTIES[object];
  const names = [...writable, 'hs_object_id', 'createdate', modified];
  return {
    results: names.map((name) => {
      const described: Described = DESCRIBED[name] ?? { label: `${name.slice(0, 1).toUpperCase()}${name.slice(1)}` };
      const { label, type = 'string', fieldType = 'text', options = [], referencedObjectType } = described;
      return {
        name,
        label,
        type,
        fieldType,
        ...(referencedObjectType === undefined ? {} : { referencedObjectType, externalOptions: true }),
        options: options.map((value, displayOrder) => ({ label: value, value, displayOrder, hidden: false })),
        hasUniqueValue: unique.includes(name),
        hidden: false,
        calculated: false,
        modificationMetadata: { archivable: false, readOnlyDefinition: true, readOnlyValue: READ_ONLY.has(name) },
      };
    }),
  };
}
