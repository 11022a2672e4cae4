import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import jsonata from 'jsonata';
import { compileExpression, referencedFields } from '../../engine/expression.ts';
import { ExpressionError, lineAndColumn } from '../../engine/expression-error.ts';
import { toPlainJson } from '../../engine/plain-json.ts';

const keyArbitrary = fc.oneof(
  { weight: 12, arbitrary: fc.constant('a') },
  { weight: 2, arbitrary: fc.constant('c d') },
  { weight: 1, arbitrary: fc.constant('_jsonata_lambda') },
);

/** JSON with so few names that paths mostly meet something, and many lists in lists. */
const { tree: jsonArbitrary } = fc.letrec((tie) => ({
  tree: fc.oneof({ maxDepth: 5 }, { weight: 1, arbitrary: tie('leaf') }, { weight: 3, arbitrary: tie('list') }, { weight: 3, arbitrary: tie('object') }),
  leaf: fc.oneof(fc.integer({ min: 0, max: 3 }), fc.constantFrom('x', '', null, true)),
  list: fc.array(tie('tree'), { maxLength: 2, size: 'max' }),
  object: fc.record({ a: tie('tree'), 'c d': tie('leaf'), _jsonata_lambda: fc.constantFrom(false, true) }, { requiredKeys: ['a'], noNullPrototype: true }),
}));

const stepArbitrary = fc
  .tuple(keyArbitrary, fc.array(fc.integer({ min: -2, max: 2 }), { maxLength: 2, size: '-1' }))
  .map(([key, indexes]) => `\`${key}\`${indexes.map((index) => `[${index}]`).join('')}`);
const pathArbitrary = fc
  .tuple(fc.constantFrom('', '', '$.', '$$.'), fc.array(stepArbitrary, { minLength: 1, maxLength: 3 }))
  .map(([root, steps]) => root + steps.join('.'));

const NO_LIMITS = { maxValues: 1e9, maxCharacters: 1e9 };

describe('expression', () => {
  it('a plain path gives at once what JSONata gives', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof({ weight: 9, arbitrary: pathArbitrary }, { weight: 1, arbitrary: fc.constantFrom('$', '$$') }),
        jsonArbitrary,
        async (path, input) => {
          const expression = compileExpression(path);
          assert.equal(expression.isPath, true);
          const slow: unknown = await jsonata(path).evaluate(structuredClone(input));
          assert.deepStrictEqual(expression.evaluate(input), toPlainJson(slow, NO_LIMITS));
        },
      ),
      { numRuns: 3_000, examples: [['a[0]', [{ a: [[1, 2]] }]]] },
    );
  });

  it('reads fields, nested fields, elements and quoted names', () => {
    const record = { a: { b: [{ c: 1 }, { c: 2 }] }, 'c d': 'x', list: [7] };
    const read = (path: string) => compileExpression(path).evaluate(record);
    assert.equal(read('a.b[1].c'), 2);
    assert.deepEqual(read('a.b.c'), [1, 2]);
    assert.equal(read('`c d`'), 'x');
    assert.deepEqual(read('list'), [7]);
    assert.equal(read('list[-1]'), 7);
    assert.equal(read('a.nothing.more'), undefined);
    assert.equal(read('constructor'), undefined);
  });

  it('leaves everything but plain paths to JSONata', async () => {
    for (const source of ['a[]', 'a@$x.b', 'a#$i.b', 'a.%.b', 'a{b: c}', '(a)', '*', '**.a', '$x', 'a[b=1]', 'a^(b)', '1', '"x"', '$[0]', 'a & b']) {
      assert.equal(compileExpression(source).isPath, false, source);
    }
    assert.equal(await compileExpression("first & ' ' & last").evaluate({ first: 'Kim', last: 'Lee' }), 'Kim Lee');
    assert.equal(await compileExpression('$x + 1').evaluate({}, { x: 2 }), 3);
  });

  it('gives plain lists and objects, without the marks that JSONata leaves on them', async () => {
    const result = await compileExpression('{"names": people.name, "kept": people[age > 40].name[]}').evaluate({
      people: [
        { name: 'a', age: 41 },
        { name: 'b', age: 2 },
      ],
    });
    assert.deepStrictEqual(result, { names: ['a', 'b'], kept: ['a'] });
    assert.deepStrictEqual(await compileExpression('{"n": 1}').evaluate({}), { n: 1 });
    const nothing = await compileExpression('people[age > 50]').evaluate({ people: [{ age: 1 }] });
    assert.equal(nothing, undefined);
  });

  it('a syntax error names its place', () => {
    const failure = (source: string): ExpressionError => {
      try {
        compileExpression(source);
      } catch (error) {
        assert.ok(error instanceof ExpressionError);
        return error;
      }
      return assert.fail('it compiled');
    };
    const error = failure('a.b &\n  = c');
    assert.match(error.message, /"=" cannot be used/);
    assert.deepEqual(lineAndColumn(error.source, error.position ?? -1), { line: 2, column: 3 });
    assert.equal(failure('a +').position, 3);
    assert.equal(failure('"x').position, 2);
    assert.match(failure('('.repeat(20_000)).message, /nested too deeply/);
  });

  it('refuses what gives another value each time, and code out of data', () => {
    for (const source of ['$random()', '$shuffle(a)', '$eval(a)', '$map(a, $random)', '($f := $eval; $f(a))', 'a[$random() > 0.5]']) {
      assert.throws(() => compileExpression(source), { name: 'ExpressionError', message: /is not available here/ });
    }
    assert.throws(() => compileExpression('a & $random()'), { position: 4 });
  });

  it('hashes and signs text, in the ways it is told, and never quotes what it was given', async () => {
    const record = { text: 'ä', key: 'k', none: null };
    for (const [source, expected] of [
      ["$hash('a')", 'ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb'],
      ['text.$hash()', createHash('sha256').update('ä').digest('hex')],
      ["$hash(text, 'MD5', 'base64url')", createHash('md5').update('ä').digest('base64url')],
      ["$hmac(text, key, 'sha1', 'base64')", createHmac('sha1', 'k').update('ä').digest('base64')],
      ["$hmac(text, $hmac('x', key), 'sha512', 'hex', 'hex')", createHmac('sha512', createHmac('sha256', 'k').update('x').digest()).update('ä').digest('hex')],
      ["$hmac(text, 'aw==', 'sha384', 'hex', 'base64')", createHmac('sha384', 'k').update('ä').digest('hex')],
      ['$hash(missing)', undefined],
      ['$hmac(missing, key)', undefined],
    ] as const)
      assert.equal(await compileExpression(source).evaluate(record), expected, source);
    for (const [source, message] of [
      ['$hash(text, key)', '$hash and $hmac know no other algorithm than sha256, sha384, sha512, sha1, md5'],
      ["$hmac(text, text, 'md5', 'hex', 'hex')", 'the key of $hmac is not written in hex'],
    ] as const)
      await assert.rejects(async () => compileExpression(source).evaluate(record), { name: 'ExpressionError', message });
  });

  it('tells the time it is given, and none of its own', async () => {
    const now = Date.UTC(2024, 4, 1, 12);
    assert.equal(await compileExpression('$now()').evaluate({}, { now }), '2024-05-01T12:00:00.000Z');
    assert.equal(await compileExpression("$now('[Y]-[M01]')").evaluate({}, { now }), '2024-05');
    assert.equal(await compileExpression('$millis()').evaluate({}, { now }), now);
    assert.equal(await compileExpression("$toMillis('10:30', '[H]:[m]')").evaluate({}, { now }), Date.UTC(2024, 4, 1, 10, 30));
    assert.equal(await compileExpression("$toMillis('10:30', '[H]:[m]')").evaluate({}), (10 * 60 + 30) * 60_000);
    assert.equal(await compileExpression("when.$toMillis($, '[Y]-[M]-[D]')").evaluate({ when: '2024-05-01' }), Date.UTC(2024, 4, 1));
    await assert.rejects(async () => await compileExpression('$now()').evaluate({}), { name: 'ExpressionError', message: /no time to tell/ });
  });

  it('two evaluations at once keep their own time', async () => {
    const expression = compileExpression('[$now(), $millis()]');
    const results = await Promise.all([1_000, 2_000].map(async (now) => expression.evaluate({}, { now })));
    assert.deepEqual(results, [
      ['1970-01-01T00:00:01.000Z', 1_000],
      ['1970-01-01T00:00:02.000Z', 2_000],
    ]);
  });

  it('ends an expression that runs, recurses or grows without end', async () => {
    const limits = { timeoutMs: 30_000, depth: 100, listLength: 1_000, maxValues: 5_000, maxCharacters: 10_000 };
    const fails = async (source: string, message: RegExp, timeoutMs = limits.timeoutMs) =>
      assert.rejects(async () => await compileExpression(source, { ...limits, timeoutMs }).evaluate({}), { name: 'ExpressionError', message }, source);
    await fails('($f := function($x) { $f($x + 1) }; $f(1))', /ran for too long/, 50);
    await fails('($f := function($x) { 1 + $f($x + 1) }; $f(1))', /recurses too deeply/);
    await fails('[1..100000]', /list that is too long/);
    await fails('[1..900].([1..900])', /list that is too long/);
    await fails('$pad("a", 20000)', /gives more than it may/);
    await fails('$uppercase', /gives a function/);
    await fails('{"f": function($x) { $x }}', /gives a function/);
  });

  it('takes no standstill of the process for an expression without end', async () => {
    const cell = new Int32Array(new SharedArrayBuffer(4));
    let calls = 0;
    const standStill = () => {
      calls += 1;
      if (calls < 3) Atomics.wait(cell, 0, 0, 60);
      return calls;
    };
    const expression = compileExpression('$standStill() & first_name', { timeoutMs: 50 });
    assert.equal(await expression.evaluate({ first_name: 'Ada' }, { standStill }), '3Ada');
  });

  it('an error quotes the record in its detail only', async () => {
    const expression = compileExpression('$number(salary)');
    await assert.rejects(
      async () => await expression.evaluate({ salary: 'secret words' }),
      (error) => error instanceof ExpressionError && !error.message.includes('secret') && error.detail.includes('secret words'),
    );
  });

  it('tells which fields of the record it reads', () => {
    assert.deepEqual(referencedFields('first_name & " " & last_name'), ['first_name', 'last_name']);
    assert.deepEqual(referencedFields('items[status = "x"].(price * qty)'), ['items']);
    assert.deepEqual(compileExpression('items[status = "x"].(price * qty)').paths.toSorted(), ['items', 'items.price', 'items.qty', 'items.status']);
    assert.deepEqual(referencedFields('$map(lines, function($line) { $line.name & $$.currency })'), ['lines', 'currency']);
    assert.deepEqual(referencedFields('$.a.b ~> $uppercase()'), ['a']);
    assert.deepEqual(referencedFields('`x.y`.z'), ['x.y']);
    assert.deepEqual(referencedFields('lines^(>price){category: $sum(price)}'), ['lines']);
    assert.deepEqual(referencedFields('a ? b : c'), ['a', 'b', 'c']);
    assert.deepEqual(referencedFields('orders.items.%.name'), ['orders']);
    assert.deepEqual(compileExpression('lines.($$.currency & name)').paths.toSorted(), ['currency', 'lines', 'lines.name']);
    assert.deepEqual(referencedFields('*.secret'), []);
  });
});
