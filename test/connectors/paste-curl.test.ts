import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { hideCredentials } from '../../connectors/draft/request/hide-credentials.ts';
import { parseCurl } from '../../connectors/draft/request/parse-curl.ts';
import { SyncError } from '../../engine/errors.ts';

function safe(command: string) {
  return hideCredentials(parseCurl(command), 'acme-crm');
}

describe('a pasted curl command', () => {
  it('is read as documentation and browsers write it', () => {
    const { method, url, headers, body } = parseCurl(`$ curl -sSL 'https://api.acme.test/v1/contacts?limit=5' \\
      -H 'Accept: application/json' \\
      --header "X-Team: it's us" --compressed`);
    assert.deepEqual(
      [method, url.href, headers, body],
      [
        'GET',
        'https://api.acme.test/v1/contacts?limit=5',
        [
          ['Accept', 'application/json'],
          ['X-Team', "it's us"],
        ],
        undefined,
      ],
    );
    const posted = parseCurl(String.raw`curl -XPOST https://api.acme.test/search --data-raw $'{"name":"O\'Hara"}'`);
    assert.deepEqual([posted.method, posted.body], ['POST', { json: { name: "O'Hara" } }]);
    assert.deepEqual(parseCurl('curl https://a.test/x -d a=1 -d b=2').body, { form: { a: '1', b: '2' } });
    assert.equal(parseCurl('curl -G a.test/x -d a=1 --data-urlencode "q=b c"').url.href, 'https://a.test/x?a=1&q=b+c');
  });

  it('is refused in a sentence that repeats nothing of it', () => {
    for (const [command, why] of [
      ['wget https://a.test/hush', /does not begin with "curl"/],
      ["curl 'https://a.test/hush", /a quote in it does not end/],
      ['curl -H "A: hush"', /it has no address/],
      ['curl ftp://a.test/hush', /none of HTTP/],
      ['curl https://a.test -d @hush.json', /sends a file/],
      ['curl -X BREW https://a.test/hush', /its method is none of/],
    ] as const) {
      assert.throws(
        () => parseCurl(command),
        (error) => error instanceof SyncError && why.test(error.message) && !error.message.includes('hush'),
        command,
      );
    }
  });

  it('gives its credentials away to nothing that is written', () => {
    const hush = 'hush4711hush4711hush4711';
    const commands = [
      `curl https://a.test/x -H 'Authorization: Bearer ${hush}'`,
      `curl https://a.test/x -H 'authorization: Token token=${hush}'`,
      `curl https://a.test/x -u anna:${hush}`,
      `curl https://a.test/x -u ${hush}:`,
      `curl https://anna:${hush}@a.test/x`,
      `curl https://a.test/x -H 'Authorization: Basic ${Buffer.from(`anna:${hush}`).toString('base64')}'`,
      `curl https://a.test/x -H 'X-Api-Key: ${hush}' -b 'sid=${hush}'`,
      `curl 'https://a.test/x?api_key=${hush}&access_token=${hush}&limit=5'`,
      `curl https://a.test/x -H 'X-Anything: ${hush}'`,
      `curl https://a.test/x --oauth2-bearer ${hush}`,
      `curl https://a.test/x --json '{"auth":{"token":"${hush}"},"page":1}'`,
    ];
    for (const command of commands) {
      const { secrets, ...written } = safe(command);
      assert.doesNotMatch(JSON.stringify(written), /hush4711/, command);
      assert.ok(Object.keys(secrets).every((name) => name.startsWith('ACME_CRM_')) && (written.dropped.length > 0 || Object.keys(secrets).length > 0), command);
    }
    // By its name alone: too short to look like one.
    for (const [index, command] of commands.entries()) {
      if (index === 8) continue;
      const { secrets: _, ...written } = safe(command.replaceAll(hush, 'hush'));
      assert.doesNotMatch(JSON.stringify(written), /hush/, command);
    }
    assert.deepEqual(safe(commands[0] ?? '').auth.value, { type: 'bearer', token: '${secret:ACME_CRM_TOKEN}' });
    assert.deepEqual(safe(commands[2] ?? '').auth.value, { type: 'basic', username: '${secret:ACME_CRM_USER}', password: '${secret:ACME_CRM_PASSWORD}' });
    assert.deepEqual(safe(commands[7] ?? '').auth.value, { type: 'api-key', in: 'query', name: 'api_key', key: '${secret:ACME_CRM_KEY}' });
    assert.deepEqual(safe(commands[7] ?? '').dropped, ['query parameter access_token']);
    assert.deepEqual(safe(commands[6] ?? '').headers, { Cookie: '${secret:ACME_CRM_COOKIE}' });
    assert.deepEqual(safe(commands[10] ?? '').body, { json: { auth: {}, page: 1 } });
    assert.equal(safe('curl https://a.test/x?page_token=abc').query.length, 1);
  });
});
