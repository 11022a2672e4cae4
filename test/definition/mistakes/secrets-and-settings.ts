import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { loadProject } from '../../../definition/load-project.ts';
import { changed, GOOD, linesOf, loadFiles, makeFolder } from '../make-project.ts';
import { API, CRM, SHOP, SYNC, suite } from './mistake-suite.ts';

export function secretsAndSettings(): void {
  describe('secrets', () => {
    it('a secret that is not set is told with its name and where to put it, as a mistake of its own kind', (test) => {
      const project = loadFiles(test, GOOD, { env: {} });
      assert.deepEqual(linesOf(project), [
        `${CRM}:5:34 profiles.dev.auth.token: the secret CRM_TOKEN is not set: put it into the environment, .env, or a file in SYNCLINE_SECRETS_DIR`,
        `${SHOP}:3:30 auth.token: the secret SHOP_TOKEN is not set: put it into the environment, .env, or a file in SYNCLINE_SECRETS_DIR`,
      ]);
      assert.deepEqual([...new Set(project.mistakes.map(({ kind }) => kind))], ['secret']);
    });

    it('secrets come from .env and from files as well', (test) => {
      const directory = makeFolder(test, { ...GOOD, '.env': 'CRM_TOKEN=a-token\nSYNCLINE_SECRETS_DIR=mounted\n', 'mounted/SHOP_TOKEN': 'b-token\n' });
      assert.deepEqual(linesOf(loadProject(directory, { env: {} })), []);
      mkdirSync(join(directory, 'mounted/FOLDER'));
      writeFileSync(join(directory, SHOP), (GOOD[SHOP] ?? '').replace('SHOP_TOKEN', 'FOLDER'));
      assert.match(linesOf(loadProject(directory, { env: {} }))[0] ?? '', /the secret FOLDER is not set/);
    });

    it('of another profile, or of an auth that is overridden, they need not be set', (test) => {
      const files = changed({
        [CRM]: [
          [
            'profiles:',
            'auth: { type: bearer, token: "${secret:UNUSED}" }\nprofiles:\n  production: { baseUrl: https://crm.test, auth: { type: bearer, token: "${secret:PRODUCTION}" } }',
          ],
        ],
      });
      assert.deepEqual(linesOf(loadFiles(test, files)), []);
      assert.deepEqual(linesOf(loadFiles(test, files, { profile: 'production' })), [
        `${CRM}:4:73 profiles.production.auth.token: the secret PRODUCTION is not set: put it into the environment, .env, or a file in SYNCLINE_SECRETS_DIR`,
      ]);
    });

    it('a profile that a connection does not have is an error for each, never another profile', (test) => {
      assert.deepEqual(linesOf(loadFiles(test, GOOD, { profile: 'devv' })), [
        `${CRM}:2:1 profiles: there is no profile "devv", only dev: add "devv", or "shared: true" where the account is the same in all profiles`,
      ]);
    });
  });

  suite('names and settings', [
    [
      'a profile that would not fit into ids',
      'syncline.yaml',
      'name: acme',
      'name: acme\ndefaultProfile: a/b',
      `${CRM}:2:1 profiles: there is no profile "a/b", only dev: add "a/b", or "shared: true" where the account is the same in all profiles`,
      'syncline.yaml:2:17 defaultProfile: "a/b" is no profile: a name has letters, digits, hyphens, dots and underscores only',
    ],
    ['a setting inside a template', SYNC, 'email: owner_email }', 'email: owner_email }\n    onMissing: { use: "${env:DEFAULT_OWNER:-}" }'],
    [
      'a mistake beside a setting stands at the beginning: what is put in has another length',
      SYNC,
      'name: first_name',
      'name: { expression: "\'${env:REGION:-eu}\' & first_name &" }',
      `${SYNC}:9:23 mapping.name.expression: Unexpected end of expression`,
    ],
  ]);

  suite('what must not stand in a file', [
    [
      'a token as it is',
      SHOP,
      '"${secret:SHOP_TOKEN}"',
      'abc123',
      `${SHOP}:3:30 auth.token: a secret must not stand in a file: write \${secret:NAME}, and put its value into .env`,
    ],
    [
      'a token as it is, in a profile that is not in use',
      CRM,
      'profiles:',
      'profiles:\n  production: { auth: { type: bearer, token: abc123 } }',
      `${CRM}:3:46 profiles.production.auth.token: a secret must not stand in a file: write \${secret:NAME}, and put its value into .env`,
    ],
    [
      'a token as a setting',
      SHOP,
      '"${secret:SHOP_TOKEN}"',
      '"${env:SHOP_TOKEN}"',
      `${SHOP}:3:30 auth.token: settings (\${env:…}) are not allowed in auth: write \${secret:NAME}`,
    ],
    [
      'one of several credentials as it is',
      SHOP,
      'type: bearer, token: "${secret:SHOP_TOKEN}"',
      'type: in-turn, of: [{ type: bearer, token: "${secret:SHOP_TOKEN}" }, { type: bearer, token: abc }]',
      `${SHOP}:3:101 auth.of.1.token: a secret must not stand in a file: write \${secret:NAME}, and put its value into .env`,
    ],
    [
      'a field beside those of a question for a token, and an expression over its answer',
      SHOP,
      'type: bearer, token: "${secret:SHOP_TOKEN}"',
      'type: oauth2-refresh-token, tokenUrl: /token, clientId: a, refreshToken: "${secret:SHOP_TOKEN}", tokenRequest: { fields: { app_secret: abc, grant_type: other } }, token: { from: data.token }',
      `${SHOP}:3:144 auth.tokenRequest.fields.app_secret: a secret must not stand in a file: write \${secret:NAME}, and put its value into .env`,
      `${SHOP}:3:187 auth.token.from: there is no "data" here, only status, headers, cookies, body`,
    ],
    [
      'a signature: by a secret in its template, over what there is not, and with a name that the request has',
      SHOP,
      'type: bearer, token: "${secret:SHOP_TOKEN}"',
      'type: signature, credentials: { id: a, body: "${secret:SHOP_TOKEN}" }, headers: { X-A: "${secret:SHOP_TOKEN}", X-B: "{$hmac(bodi, id)}" }',
      `${SHOP}:3:48 auth.credentials.body: is what the request has under this name: call it otherwise`,
      `${SHOP}:3:96 auth.headers.X-A: secrets are put into "credentials", by a name: insert that here, as {password}`,
      `${SHOP}:3:125 auth.headers.X-B: there is no "bodi" here, did you mean "body"?`,
    ],
    [
      'credentials in a header',
      SHOP,
      'shared: true',
      'shared: true\nheaders: { Authorization: Bearer abc }',
      `${SHOP}:3:27 headers.Authorization: a secret must not stand in a file: use auth, or write \${secret:NAME}`,
    ],
    [
      'a secret where none is put in',
      SYNC,
      'name: first_name',
      'name: { value: "${secret:CRM_TOKEN}" }',
      `${SYNC}:9:19 mapping.name.value: secrets are put in only in auth, tls, headers, database, channels, ledger, webhooks.secrets and listen.tokens, not here`,
    ],
    [
      'a reference that is none',
      SHOP,
      '${secret:SHOP_TOKEN}',
      '${SHOP_TOKEN}',
      `${SHOP}:3:31 auth.token: \${SHOP_TOKEN} is no reference: write \${secret:NAME}, \${env:NAME} or \${env:NAME:-default}`,
    ],
    [
      'a setting that is not set',
      SYNC,
      'name: first_name',
      'name: { value: "${env:REGION}" }',
      `${SYNC}:9:18 mapping.name.value: the setting REGION is not set: put it into the environment or .env, or write \${env:REGION:-default}`,
    ],
    ['a setting with a default is fine', SYNC, 'name: first_name', 'name: { value: "${env:REGION:-eu}" }'],
    ['a dollar before a template is no reference', API, 'put: "/people/{match}"', 'put: "/people/{match}", query: { price: "${fields.price}" }'],
  ]);
}
