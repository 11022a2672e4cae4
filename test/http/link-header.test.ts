import assert from 'node:assert/strict';
import { it } from 'node:test';
import { nextLink } from '../../http/link-header.ts';

it('the next link of a Link header is found, however it is written', () => {
  const cases: readonly (readonly [string | undefined, string | undefined])[] = [
    ['<https://a.test/?page=2>; rel="next", <https://a.test/?page=9>; rel="last"', 'https://a.test/?page=2'],
    ['<https://a.test/?page=1>; rel="prev", <https://a.test/?page=3>; rel=next', 'https://a.test/?page=3'],
    ['<https://a.test/?ids=1,2>; rel="next"', 'https://a.test/?ids=1,2'],
    ['<https://a.test/>; title="a, <b>; rel=\\"next\\""; rel="last", </c>; rel="NEXT"', '/c'],
    ['<https://a.test/2>;rel="last next"', 'https://a.test/2'],
    ['<https://a.test/2>; rel="nextish"', undefined],
    ['<https://a.test/2>; crossorigin; rel="next"', 'https://a.test/2'],
    ["<https://a.test/2>; rel='next'", 'https://a.test/2'],
    ["<https://a.test/2>; rel='last next'; title='a, b'", 'https://a.test/2'],
    ['<https://a.test/2>;; rel="next";', 'https://a.test/2'],
    ['<https://a.test/2>; title="see; rel=prev"; rel="next"', 'https://a.test/2'],
    ['<https://a.test/2>; title="see; rel=next"; rel="prev"', undefined],
    [`<https://a.test/1>; title='90s; rel="prev", <https://a.test/2>; title='80s; rel="next"`, 'https://a.test/2'],
    ['', undefined],
    [undefined, undefined],
  ];
  for (const [header, expected] of cases) assert.equal(nextLink(header), expected, header);
});
