import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Json } from '../../engine/json.ts';
import { compilePathTemplate, compileTemplate } from '../../engine/template.ts';

const render = (template: Json, variables: unknown) => compileTemplate(template).render(variables);

describe('template', () => {
  it('a string that is only an expression keeps the type of its value', () => {
    assert.deepEqual(render('{ids}', { ids: [1, 2] }), [1, 2]);
    assert.equal(render('{n}', { n: 4 }), 4);
    assert.equal(render('{n}', { n: null }), null);
    assert.equal(render('{n}', {}), undefined);
  });

  it('inserts values into longer text, lists and objects as JSON', () => {
    assert.equal(render('updated > {window.from}, page {page}', { window: { from: '2024' }, page: 2 }), 'updated > 2024, page 2');
    assert.equal(render('ids={ids}', { ids: [1, 2] }), 'ids=[1,2]');
  });

  it('a longer text with a missing or null value is missing as a whole', () => {
    assert.equal(render('a{x}', {}), undefined);
    assert.equal(render('a{x}', { x: null }), undefined);
    assert.equal(render('a{x}', { x: '' }), 'a');
  });

  it('works deep in JSON and leaves out what is missing', () => {
    const template = { items: [{ email: '{email}', 'x-{no}': 1, n: 5, gone: '{gone}', none: null }, '{gone}'], filters: { from: '{from}' } };
    assert.deepStrictEqual(render(template, { email: 'kim@acme.test', from: 7 }), {
      items: [{ email: 'kim@acme.test', 'x-{no}': 1, n: 5, none: null }],
      filters: { from: 7 },
    });
  });

  it('doubled braces are braces, and braces and quotes of an expression are its own', async () => {
    assert.equal(render('query {{ contacts }}', {}), 'query { contacts }');
    assert.equal(render('{{{a}}}', { a: 1 }), '{1}');
    assert.deepEqual(await render('{ {"name": a} }', { a: 'x' }), { name: 'x' });
    assert.equal(await render('{a & "}{"}!', { a: 'x' }), 'x}{!');
  });

  it('answers at once unless an expression is more than a path', async () => {
    assert.equal(compileTemplate({ a: ['{b.c}', '{d}'] }).isSync, true);
    const template = compileTemplate({ a: '{$uppercase(b)}', c: '{d}' });
    assert.equal(template.isSync, false);
    assert.deepStrictEqual(await template.render({ b: 'x', d: 1 }), { a: 'X', c: 1 });
    assert.deepEqual(
      template.expressions.map((expression) => expression.source),
      ['$uppercase(b)', 'd'],
    );
  });

  it('a mistake names its place in the template', () => {
    const fails = (template: string, message: RegExp, position: number) =>
      assert.throws(() => compileTemplate(template), { name: 'ExpressionError', message, position, source: template });
    fails('abc {x', /without its }/, 4);
    fails('abc } x', /without its \{/, 4);
    fails('a {} b', /no expression/, 2);
    fails('a {b +} c', /Unexpected end/, 6);
    fails('a {b.$random()} c', /not available/, 5);
  });

  it('text without braces renders as itself', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        assert.equal(render(text.replaceAll('{', '{{').replaceAll('}', '}}'), {}), text);
      }),
    );
  });
});

describe('path template', () => {
  const path = (template: string, variables: unknown) => compilePathTemplate(template).renderPath(variables);

  it('encodes inserted values and leaves literal text alone', () => {
    assert.equal(path('/contacts/{id}?fields=a,b&x={x}', { id: 'a/b c?d', x: 'ü&' }), '/contacts/a%2Fb%20c%3Fd?fields=a,b&x=%C3%BC%26');
    assert.equal(path('/contacts', {}), '/contacts');
  });

  it('gives nothing where a value is missing, empty or would address something else', () => {
    for (const id of [undefined, null, '', '.', '..']) assert.equal(path('/contacts/{id}', { id }), undefined);
    assert.equal(path('/contacts/{a}{b}/x', { a: '.', b: '.' }), undefined);
    assert.equal(path('/contacts/{id}', { id: '...' }), '/contacts/...');
  });

  it('whatever the value, it stays one segment', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('..', '/', '?', '#', '\\', '\ud800', '%2e%2e')), (id) => {
        const rendered = path('/contacts/{id}', { id });
        if (rendered === undefined) return;
        assert.ok(typeof rendered === 'string');
        const url = new URL(rendered, 'http://127.0.0.1');
        assert.equal(url.search + url.hash, '');
        assert.equal(url.pathname.split('/').length, 3);
        assert.equal(decodeURIComponent(url.pathname.slice('/contacts/'.length)), id.toWellFormed());
      }),
    );
  });
});
