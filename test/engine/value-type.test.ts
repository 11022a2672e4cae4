import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { VALUE_TYPES } from '../../engine/field-rule.ts';
import type { Json } from '../../engine/json.ts';
import type { TypeRule } from '../../engine/value-type.ts';
import { checkType } from '../../engine/value-type.ts';

function accepts(rule: TypeRule, cases: readonly (readonly [Json, Json])[]): void {
  for (const [value, normal] of cases) assert.deepStrictEqual(checkType(value, rule), { ok: true, value: normal }, JSON.stringify(value));
}

function refuses(rule: TypeRule, problem: RegExp, values: readonly Json[]): void {
  for (const value of values) {
    const checked = checkType(value, rule);
    assert.ok(!checked.ok, `${JSON.stringify(value)} passed`);
    assert.match(checked.problem, problem);
  }
}

describe('value types', () => {
  it('string takes scalars', () => {
    accepts({ type: 'string' }, [
      ['x', 'x'],
      ['', ''],
      [1.5, '1.5'],
      [true, 'true'],
    ]);
    refuses({ type: 'string' }, /list or an object/, [[], {}]);
  });

  it('integer takes whole numbers that stay exact', () => {
    accepts({ type: 'integer' }, [
      [7, 7],
      [' 42 ', 42],
      ['-3.0', -3],
      ['+5', 5],
      [-0, 0],
      ['-0', 0],
    ]);
    refuses({ type: 'integer' }, /not a whole number/, [1.5, '1.5', '1,000', '', 'x', true, '0x10', [], {}]);
    refuses({ type: 'integer' }, /map it as a string/, ['9007199254740993', 2 ** 53]);
  });

  it('number takes decimal numbers', () => {
    accepts({ type: 'number' }, [
      [1.5, 1.5],
      ['1.50', 1.5],
      ['-.5', -0.5],
      ['1e3', 1_000],
      [' 2. ', 2],
      ['+000.10', 0.1],
      ['-0.0', 0],
      ['1200e-2', 12],
      ['1.2345E+25', 1.2345e25],
      ['123456789012345680000', 123456789012345680000],
      ['0.00000012', 1.2e-7],
    ]);
    refuses({ type: 'number' }, /more digits than are kept exactly.*map it as a string/, [
      '9007199254740993',
      '123456789012345678.91',
      '1e-400',
      '-1.00000000000000001',
    ]);
    refuses({ type: 'number' }, /not a number/, ['1,5', '', '.', 'NaN', 'Infinity', '1e999', '12 EUR', true, []]);
  });

  it('boolean takes the usual words', () => {
    accepts({ type: 'boolean' }, [
      [true, true],
      ['Yes', true],
      [' 1 ', true],
      [1, true],
      ['on', true],
      [false, false],
      ['n', false],
      [0, false],
      ['FALSE', false],
    ]);
    refuses({ type: 'boolean' }, /neither true nor false/, ['', 'maybe', 2, []]);
  });

  it('date is the day as the text says it', () => {
    accepts({ type: 'date' }, [
      ['2024-02-29', '2024-02-29'],
      ['2024-12-31T23:30:00-05:00', '2024-12-31'],
      ['2024-12-31 10:00', '2024-12-31'],
      [1_735_603_200, '2024-12-31'],
      [1_735_603_200_000, '2024-12-31'],
    ]);
    refuses({ type: 'date' }, /2024-12-31/, [
      '2023-02-29',
      '2024-13-01',
      '31.12.2024',
      '12/31/2024',
      '20241231',
      '',
      '0000-01-01',
      '0099-01-01',
      true,
      {},
      1e300,
    ]);
  });

  it('datetime becomes UTC with milliseconds', () => {
    accepts({ type: 'datetime' }, [
      ['2024-05-01T12:00:00+02:00', '2024-05-01T10:00:00.000Z'],
      ['2024-05-01T12:00:00.123456Z', '2024-05-01T12:00:00.123Z'],
      ['2024-05-01 12:00', '2024-05-01T12:00:00.000Z'],
      ['2024-05-01T00:30:00+0130', '2024-04-30T23:00:00.000Z'],
      ['2024-05-01', '2024-05-01T00:00:00.000Z'],
      [1_714_564_800, '2024-05-01T12:00:00.000Z'],
      [1_714_564_800_500, '2024-05-01T12:00:00.500Z'],
    ]);
    refuses({ type: 'datetime' }, /T10:00:00Z/, [
      '2024-05-01T24:00:00Z',
      '2024-05-01T12:60:00Z',
      '2024-05-01T12:00:00+25:00',
      '2024-05-01T12:00:00+01:75',
      'yesterday',
      '',
      '9999-12-31T23:00:00-05:00',
      false,
    ]);
  });

  it('email says the same of what looks ordinary as of what is taken apart', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'Z', '9', '_', '+', '-', '.', '@', '.', '@'), minLength: 1, maxLength: 20 }).map((end) => `x${end}`);
    fc.assert(
      fc.property(
        fc.oneof(
          text,
          text.map((start) => `${start}@a-9.example`),
          text.map((end) => `a.b@${end}.org`),
        ),
        (address) => {
          // A letter beyond ASCII is looked at with care, and changes nothing else.
          const [quick, careful] = [checkType(address, { type: 'email' }), checkType(`é${address}`, { type: 'email' })];
          assert.equal(quick.ok, careful.ok, address);
          if (quick.ok && careful.ok) assert.equal(`é${quick.value}`, careful.value);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('email keeps the local part and lowers the domain', () => {
    accepts({ type: 'email' }, [
      [' Kim.Lee+crm@ACME.Test ', 'Kim.Lee+crm@acme.test'],
      ["o'neil@a-b.example.org", "o'neil@a-b.example.org"],
      ['jörg@münchen.example', 'jörg@münchen.example'],
    ]);
    const wrong = [
      '',
      'kim',
      'kim@',
      '@acme.test',
      'kim@acme',
      'kim@@acme.test',
      'kim lee@acme.test',
      '.kim@acme.test',
      'kim.@acme.test',
      'k..m@acme.test',
      'kim@-acme.test',
      'kim@acme..test',
      'kim@1.2.3.4',
    ];
    refuses({ type: 'email' }, /not an e-mail address/, [
      ...wrong,
      `${'a'.repeat(65)}@acme.test`,
      `kim@${'a'.repeat(64)}.test`,
      `kim@${'abc.'.repeat(63)}test`,
      7,
      [],
      'a@b.test, c@d.test',
    ]);
  });

  it('phone becomes E.164, with the country for numbers without a prefix', () => {
    accepts({ type: 'phone' }, [
      ['+49 (0)30 901820', '+4930901820'],
      ['+1 212-555-2368', '+12125552368'],
      ['tel:+12125552368', '+12125552368'],
    ]);
    accepts({ type: 'phone', country: 'de' }, [
      ['030 901820', '+4930901820'],
      ['+1 212 555 2368', '+12125552368'],
    ]);
    accepts({ type: 'phone', country: 'US' }, [[2_125_552_368, '+12125552368']]);
    refuses({ type: 'phone' }, /^is a phone number with an extension, .+: map it as a string, or without the extension$/, [
      '+1 415 555 2671 ext. 123',
      'tel:+1-415-555-2671;ext=123',
    ]);
    refuses({ type: 'phone' }, /give the field a `country`/, ['030 901820', '', 'none']);
    refuses({ type: 'phone' }, /^is not a phone number$/, ['+49 1', '+999 123456789', true]);
    refuses({ type: 'phone', country: 'DE' }, /^is not a phone number of DE$/, ['12', 'none', '1'.repeat(1_000)]);
  });

  it('url takes web addresses', () => {
    accepts({ type: 'url' }, [
      ['https://Acme.test', 'https://acme.test'],
      ['http://acme.test/', 'http://acme.test/'],
      [' https://acme.test/a?b=c#d ', 'https://acme.test/a?b=c#d'],
      ['https://acme.test/ü', 'https://acme.test/%C3%BC'],
    ]);
    refuses({ type: 'url' }, /not a web address/, ['acme.test', 'ftp://acme.test', 'javascript:alert(1)', 'https://', 'https://a b', 'https:acme.test', '', 1]);
  });

  it('enum takes its options, and suggests the one that was meant', () => {
    const rule = { type: 'enum', options: ['customer', 'lead', '3'] } as const;
    accepts(rule, [
      ['lead', 'lead'],
      [' customer ', 'customer'],
      [3, '3'],
    ]);
    refuses(rule, /none of the options customer, lead, 3/, ['won', '', true]);
    refuses(rule, /did you mean "customer"/, ['Customer', 'custmer']);
    refuses(rule, /list or an object/, [['lead']]);
  });

  it('json takes any JSON, and reads text as JSON', () => {
    accepts({ type: 'json' }, [
      [{ a: [1] }, { a: [1] }],
      ['{"a": 1}', { a: 1 }],
      [5, 5],
    ]);
    accepts({ type: 'json' }, [
      ['{"id":12345678901234567890,"n":1.5}', { id: '12345678901234567890', n: 1.5 }],
      ['1e400', '1e400'],
      ['{"__proto__":{"a":1},"b":2}', { b: 2 }],
    ]);
    refuses({ type: 'json' }, /more than 200 levels/, [`${'['.repeat(300)}${']'.repeat(300)}`]);
    refuses({ type: 'json' }, /not JSON text/, ['', '{a: 1}', 'x']);
  });

  it('no value makes a check throw, and what is accepted once is accepted again unchanged', () => {
    const rules = VALUE_TYPES.map((type): TypeRule => ({ type, options: ['a', 'b'], country: 'DE' }));
    const value = fc.oneof(
      fc.json().map((text): Json => JSON.parse(text)),
      fc.constantFrom<Json>('+4930901820', 'a', 'kim@acme.test', '2024-05-01T12:00:00Z', 'https://acme.test', '12', 'yes', 1_714_564_800),
    );
    fc.assert(
      fc.property(value, fc.constantFrom(...rules), (input, rule) => {
        const once = checkType(input, rule);
        if (!once.ok || rule.type === 'json' || once.value === null) return;
        assert.deepStrictEqual(checkType(once.value, rule), once);
      }),
      { numRuns: 1_000 },
    );
  });
});
