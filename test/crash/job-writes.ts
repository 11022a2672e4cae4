import type { TestContext } from 'node:test';
import type { ActivityDependencies } from '../../activities/dependencies.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { SalesforceOrg } from '../connectors/salesforce/org.ts';
import { JobSteps } from './job-steps.ts';
import { beginSteps } from './steps-by-hand.ts';

/** Contacts that are staged for a Salesforce-shaped org as creates, so that what is written twice is there twice. */
export class JobWrites extends JobSteps {
  readonly org: SalesforceOrg;

  private constructor(org: SalesforceOrg, ledger: Ledger, dependencies: ActivityDependencies) {
    super(ledger, dependencies);
    this.org = org;
  }

  /** @param records staged, `n` of them with the external ids x0, x1, … @param isInsert else upserts */
  static async begin(context: TestContext, records: number, { isInsert = true } = {}): Promise<JobWrites> {
    const org = await SalesforceOrg.start(context);
    const { ledger, scope, hash, dependencies } = await beginSteps(context, project(org.url, isInsert), 'contacts');
    const writes = new JobWrites(org, ledger, dependencies);
    const staged = Array.from({ length: records }, (_, n) => {
      const fields = { External_Id__c: `x${n}`, LastName: `Person ${n}`, Email: n === 3 ? 'nobody' : `p${n}@x.test` };
      const kind = isInsert ? ('create' as const) : ('upsert' as const);
      return { disposition: 'change', key: String(n), change: { kind, fields, contentHash: `h${n}`, match: `x${n}`, source: fields, bytes: 50 } } as const;
    });
    await writes.stage({ scope, hash, target: 'acme/dev/salesforce/Contact' }, staged);
    return writes;
  }

  /** How often each contact was made. */
  made(): readonly number[] {
    return [...this.org.records.created.values()];
  }
}

function project(url: string, isInsert: boolean): Readonly<Record<string, string>> {
  return {
    'syncline.yaml': 'name: acme\n',
    'connections/crm.yaml': `connector: generic-rest\nshared: true\nbaseUrl: ${url}\nobjects: { people: { list: { get: /people, records: $ } } }\n`,
    'connections/salesforce.yaml': `connector: salesforce\nshared: true\nbaseUrl: ${url}\nauth: { type: bearer, token: session-1 }\ntimeouts: { request: 1s }\n`,
    'syncs/contacts.yaml': `
source: { connection: crm, object: people }
target: { connection: salesforce, object: Contact, matchOn: External_Id__c, mode: ${isInsert ? 'insert' : 'upsert'} }
mapping: { External_Id__c: id, LastName: surname, Email: mail }
`,
  };
}
