import assert from 'node:assert/strict';
import { it } from 'node:test';
import { joinUrl, sameOrigin } from '../../http/base-url.ts';

it('an address that an API names of itself is followed, by https where the API is asked so', () => {
  const base = new URL('https://api.acme.test/v2/contacts');
  const cases: Readonly<Record<string, string>> = {
    'https://api.acme.test/v2/contacts?page=2': 'https://api.acme.test/v2/contacts?page=2',
    'https://API.acme.test:443/v2/contacts?page=2': 'https://api.acme.test/v2/contacts?page=2',
    'http://api.acme.test/v2/contacts?page=2': 'https://api.acme.test/v2/contacts?page=2',
    '//api.acme.test/v2/contacts?page=2': 'https://api.acme.test/v2/contacts?page=2',
    '?page=2': 'https://api.acme.test/v2/contacts?page=2',
  };
  for (const [address, expected] of Object.entries(cases)) assert.equal(sameOrigin('crm', base, address).href, expected, address);
  assert.equal(joinUrl('crm', new URL('https://api.acme.test:8443/v2'), 'http://api.acme.test:8443/v2/a').href, 'https://api.acme.test:8443/v2/a');
});

it('an address elsewhere is refused, also one that is only less safe', () => {
  for (const [base, address] of [
    ['https://api.acme.test/', 'http://api.acme.test:8080/'],
    ['https://api.acme.test/', 'http://evil.test/'],
    ['http://localhost/', 'https://localhost/'],
    ['https://api.acme.test:8443/', 'http://api.acme.test/'],
  ] as const)
    assert.throws(() => sameOrigin('crm', new URL(base), address), { code: 'CONTRACT_BROKEN', message: /^crm leads to/ });
});
