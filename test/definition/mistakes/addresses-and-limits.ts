import assert from 'node:assert/strict';
import { it } from 'node:test';
import { changed, linesOf, loadFiles } from '../make-project.ts';
import { API, SHOP, SYNC, suite } from './mistake-suite.ts';

export function addressesAndLimits(): void {
  suite('addresses, limits and timeouts', [
    [
      'plain http',
      API,
      'https://shop.test',
      'http://shop.test',
      `${API}:1:10 baseUrl: plain http to shop.test would send credentials in the clear: use https, or say "allowPlainHttp: true"`,
    ],
    ['no address', API, 'https://shop.test/v1', 'shop.test', `${API}:1:10 baseUrl: is not an address such as https://api.example.com`],
    ['an address that is missing', API, 'baseUrl: https://shop.test/v1\n', '', `${SHOP}:1:1 baseUrl: is required: the connector shop has none of its own`],
    [
      'credentials in an address',
      API,
      'https://shop.test',
      'https://me:pass@shop.test',
      `${API}:1:10 baseUrl: credentials do not belong in an address: use auth`,
    ],
    [
      'a quota whose format tells too little',
      SHOP,
      'shared: true',
      'shared: true\nlimits: { quota: { header: X-Quota, format: "{used} used", per: 1d } }',
      `${SHOP}:3:45 limits.quota.format: says how much there is: {used} with {count}, or {remaining}`,
    ],
    [
      'a word in the place of an idempotency key',
      API,
      '"/people/{match}" }',
      '"/people/{match}", idempotency: non }',
      `${API}:5:52 objects.people.upsert.idempotency: "non" is not "none", did you mean "none"?`,
    ],
    ['no time at all', SHOP, 'shared: true', 'shared: true\ntimeouts: { headers: 0s }', `${SHOP}:3:22 timeouts.headers: must be longer than 0`],
    ['far too much time', SHOP, 'shared: true', 'shared: true\ntimeouts: { headers: 2h }', `${SHOP}:3:22 timeouts.headers: must be at most 1h`],
    [
      'a timeout that never counts',
      SHOP,
      'shared: true',
      'shared: true\ntimeouts: { headers: 20s, request: 10s }',
      `${SHOP}:3:22 warning: timeouts.headers: is longer than timeouts.request (10s), which ends the request first`,
    ],
    [
      'a window of no time',
      SHOP,
      'shared: true',
      'shared: true\nlimits: { requests: [{ count: 1, per: 0s }] }',
      `${SHOP}:3:39 limits.requests.0.per: must be longer than 0`,
    ],
    [
      'limits of endpoints that nobody can match, or of no time',
      SHOP,
      'shared: true',
      'shared: true\nlimits: { endpoints: [{ of: [{ path: "(" }, { pathh: x }], requests: [{ count: 1, per: 0s }] }] }',
      `${SHOP}:3:38 limits.endpoints.0.of.0.path: is no regular expression`,
      `${SHOP}:3:47 limits.endpoints.0.of.1: unknown key "pathh", did you mean "path"?`,
      `${SHOP}:3:88 limits.endpoints.0.requests.0.per: must be longer than 0`,
    ],
  ]);

  it('a schedule that no calendar has is told', (test) => {
    const lines = (schedule: string) => linesOf(loadFiles(test, changed({ [SYNC]: [['mapping:', `schedule: ${schedule}\nmapping:`]] }))).join('\n');
    assert.equal(lines('{ every: 1h, jitter: 1m, overlap: skip }'), '');
    assert.match(lines('{ every: 1h, cron: "0 * * * *" }'), /schedule: name exactly one of every, cron or calendar$/m);
    assert.match(lines('{ cron: "0 6 * *" }'), /schedule\.cron: "0 6 \* \*" is no cron expression: it has five fields/);
    assert.match(lines('{ cron: "0,61 6 * * *" }'), /schedule\.cron: "0,61 6 \* \* \*" is no cron expression: 61 is no minute, 0 to 59$/m);
    assert.match(lines('{ cron: ["0 6 * * 1-5", "0 6 0-3/2 * *"] }'), /"0 6 0-3\/2 \* \*" is no cron expression: 0 is no day of month, 1 to 31$/m);
    for (const cron of ['*/90 6 L JAN MON-FRI', '59 23 31 12 0-7', '@daily']) assert.equal(lines(`{ cron: "${cron}" }`), '');
    assert.match(lines('{ cron: "0 6 * * *", timezone: Berlin }'), /schedule\.timezone: "Berlin" is no time zone: use an IANA name, like Europe\/Berlin$/m);
    assert.match(lines('{ every: 1m, jitter: 5m }'), /warning: schedule\.jitter: is as long as the interval 1m/);
    assert.match(
      lines('{ every: 1h, startAt: "2027-01-01T00:00:00Z", endAt: "2026-01-01T00:00:00Z" }'),
      /schedule\.endAt: is before startAt: it would never run$/m,
    );
  });
}
