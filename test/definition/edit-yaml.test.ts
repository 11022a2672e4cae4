import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { editYaml } from '../../definition/edit-yaml.ts';

const FILE = `# ours
baseUrl:   https://api.acme.test   # the European one
limits:
objects:
    contacts:
        primaryKey: id # guessed: x – review
        list:
            get: /contacts
            records: data

            page:
              type: none
        # below the list
        get: { get: "/contacts/{id}" }
    orders: {}
# the end
`;

describe('editing a definition', () => {
  it('changes the values asked for, and no other byte', () => {
    const edited = editYaml(FILE, [
      { path: ['objects', 'contacts', 'primaryKey'], value: 'uuid', comment: 'probed' },
      { path: ['objects', 'contacts', 'list', 'page'], value: { type: 'page', param: 'page' }, comment: 'probed: why' },
      { path: ['objects', 'contacts', 'list', 'method'], value: '{x}' },
      { path: ['objects', 'contacts', 'get', 'record'], value: 'data' },
      { path: ['objects', 'orders', 'list', 'get'], value: '/orders' },
      { path: ['limits', 'requests'], value: [{ count: 5, per: '1s' }] },
      { path: ['timeouts', 'request'], value: '5s', comment: 'slow' },
    ]);
    assert.equal(
      edited,
      `# ours
baseUrl:   https://api.acme.test   # the European one
limits: { requests: [{ count: 5, per: 1s }] }
objects:
    contacts:
        primaryKey: uuid # probed
        list:
            get: /contacts
            records: data

            page: { type: page, param: page } # probed: why
            method: "{x}"
        # below the list
        get: { get: "/contacts/{id}", record: data }
    orders: { list: { get: /orders } }
timeouts: { request: 5s } # slow
# the end
`,
    );
  });

  it('leaves a file alone where another value would change with it', () => {
    assert.equal(editYaml('a: &one { x: 1 }\nb: *one\n', [{ path: ['b', 'x'], value: 2 }]), undefined);
    assert.equal(editYaml('a: &one { x: 1 }\nb: *one\n', [{ path: ['a', 'x'], value: 2 }]), undefined);
    assert.equal(editYaml('a: [1]\n', [{ path: ['a', 'x'], value: 2 }]), undefined);
    assert.equal(editYaml('a: {\n', [{ path: ['a', 'x'], value: 2 }]), undefined);
  });
});
