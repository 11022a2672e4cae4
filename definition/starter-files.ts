/** The files of a starter project: a CRM into HubSpot, runnable at once against the sandbox. */
export function starterFiles(name: string): readonly (readonly [file: string, text: string])[] {
  return [
    ['syncline.yaml', project(name)],
    ['connections/crm.yaml', CRM],
    ['connections/hubspot.yaml', HUBSPOT],
    ['syncs/contacts-to-hubspot.yaml', SYNC],
    ['.env', `${ENV_NOTE}CRM_DEV_TOKEN=crm-dev-token\nHUBSPOT_DEV_TOKEN=hubspot-dev-token\n`],
    ['.env.example', `${ENV_NOTE}CRM_DEV_TOKEN=\nHUBSPOT_DEV_TOKEN=\nCRM_TOKEN=\nHUBSPOT_TOKEN=\n`],
    ['.gitignore', '.syncline/\n.env\n'],
    ['README.md', readme(name)],
  ];
}

const ENV_NOTE = '# Secrets, for ${secret:NAME} in the definitions. Never commit them: .gitignore leaves .env out.\n';

const project = (name: string) => `# yaml-language-server: $schema=.syncline/schema/syncline.json
name: ${name}
# Commands work on this profile unless --profile names another. Nothing ever falls back to production.
defaultProfile: dev
`;

const CRM = `# yaml-language-server: $schema=../.syncline/schema/connection.json
# Where records come from: any REST API, described here. Each profile is an account of its own.
connector: generic-rest
profiles:
  # The CRM look-alike that "syncline dev --sandbox" starts.
  dev:
    baseUrl: http://127.0.0.1:4100
    auth: { type: bearer, token: "\${secret:CRM_DEV_TOKEN}" }
  # production:
  #   baseUrl: https://api.your-crm.example
  #   auth: { type: bearer, token: "\${secret:CRM_TOKEN}" }
objects:
  contacts:
    primaryKey: id
    list:
      get: /v2/contacts
      query:
        # What an incremental read asks for, and a backfill with an end; left out on a full read.
        updated_after: { value: "{window.from}", optional: true }
        updated_before: { value: "{window.to}", optional: true }
      records: data
      page: { type: cursor, cursor: meta.next_cursor, param: cursor, size: { param: limit, max: 100 }, total: meta.total }
    get: { get: "/v2/contacts/{id}" }
`;

const HUBSPOT = `# yaml-language-server: $schema=../.syncline/schema/connection.json
# Where records go. The connector ships with Syncline and works with the real HubSpot once it has a token.
connector: hubspot
profiles:
  # The HubSpot look-alike that "syncline dev --sandbox" starts.
  dev:
    baseUrl: http://127.0.0.1:4010
    auth: { type: bearer, token: "\${secret:HUBSPOT_DEV_TOKEN}" }
    limits: { requests: [{ count: 40, per: 1s }], concurrency: 4 }
    timeouts: { request: 10s }
    applyDelay: 2s
  # The real one, at the connector's own address: syncline check --live --profile production
  production:
    auth: { type: bearer, token: "\${secret:HUBSPOT_TOKEN}" } # of a private app, put into .env
`;

const SYNC = `# yaml-language-server: $schema=../.syncline/schema/sync.json
description: CRM contacts to HubSpot, owners kept
source:
  connection: crm
  object: contacts
  # After the first run only what changed is read; five minutes are read again, for records that appear late.
  incremental: { cursorField: updated_at, lookback: 5m }
  # Now and then everything, in case the source forgot to touch updated_at.
  fullRead: { every: 7d }
target:
  connection: hubspot
  object: contacts
  matchOn: email # the field that tells that two records are the same
lookups:
  # HubSpot wants owner ids, the CRM knows e-mail addresses: fetched before each run.
  owner:
    from: { connection: hubspot, object: owners }
    where: { email: owner_email } # field of the owner: field of the contact
    onMissing: omit # or reject (the default), or { use: "12345" }
mapping:
  email: { from: email_address, transform: [trim, lowercase], type: email, required: true, sensitive: true }
  firstname: first_name
  lastname: last_name
  phone: { from: phone, type: phone, country: US, onInvalid: omit }
  company: company
  lifecyclestage: { from: status, values: { won: customer, open: lead }, default: subscriber }
  hubspot_owner_id: { lookup: owner }
`;

const readme = (name: string) => `# ${name}

A Syncline project: what is synced, from where, to where.

    syncline check                        all mistakes at once, with file and line
    syncline dev --sandbox                a Temporal server, its Web UI, a worker, and two services to try things on
    syncline run contacts-to-hubspot      one run, followed to its end (in a second terminal)
    syncline errors contacts-to-hubspot   what was refused, by cause
    syncline records contacts-to-hubspot --key 1

Connections are in \`connections/\`, syncs in \`syncs/\`, secrets in \`.env\`, state in \`.syncline/\`.
`;
