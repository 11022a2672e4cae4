import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { findCycle, type GraphNode, orderGraph } from '../../engine/graph.ts';

const node = (name: string, dependsOn: readonly string[] = [], refersTo: readonly string[] = [], required: readonly string[] = []): GraphNode => ({
  name,
  dependsOn,
  refersTo: [...refersTo.map((sync) => ({ sync, isRequired: false })), ...required.map((sync) => ({ sync, isRequired: true }))],
});

describe('the graph of syncs', () => {
  it('lets a sync start when all that it depends on, or refers to, are done', () => {
    const { steps, closing } = orderGraph([
      node('deals', ['owners'], ['contacts']),
      node('contacts', [], [], ['companies']),
      node('owners'),
      node('companies'),
    ]);
    assert.deepEqual(steps, [
      { name: 'companies', after: [] },
      { name: 'owners', after: [] },
      { name: 'contacts', after: ['companies'] },
      { name: 'deals', after: ['contacts', 'owners'] },
    ]);
    assert.deepEqual(closing, []);
  });

  it('opens a circle of references at one that a record can do without', () => {
    const { steps, closing } = orderGraph([node('contacts', [], [], ['companies']), node('companies', [], ['contacts'])]);
    assert.deepEqual(closing, [{ from: 'companies', to: 'contacts' }]);
    assert.deepEqual(steps.at(-1), { name: 'contacts', after: ['companies'] });
    const turned = orderGraph([node('contacts', [], ['companies']), node('companies', [], [], ['contacts'])]);
    assert.deepEqual(turned.closing, [{ from: 'contacts', to: 'companies' }]);
  });

  it('keeps what is written down, against a reference the other way', () => {
    const { closing } = orderGraph([node('a', ['b']), node('b', [], [], ['a'])]);
    assert.deepEqual(closing, [{ from: 'b', to: 'a' }]);
  });

  it('closes a reference to itself by the second pass', () => {
    assert.deepEqual(orderGraph([node('companies', [], ['companies'])]), {
      steps: [{ name: 'companies', after: [] }],
      closing: [{ from: 'companies', to: 'companies' }],
    });
  });

  it('names the shortest way by which a sync depends on itself', () => {
    const nodes = [node('a', ['b', 'c']), node('b', ['d']), node('c', ['a']), node('d', ['a']), node('e', ['a'], ['e'])];
    assert.deepEqual(findCycle(nodes, 'a'), ['a', 'c', 'a']);
    assert.deepEqual(findCycle(nodes, 'b'), ['b', 'd', 'a', 'b']);
    assert.equal(findCycle(nodes, 'e'), undefined);
    assert.deepEqual(findCycle([node('a', ['a'])], 'a'), ['a', 'a']);
  });
});

const NAMES = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
const some = fc.uniqueArray(fc.constantFrom(...NAMES, 'unknown'), { maxLength: 4 });
/** Depends only on what comes before it, so that `dependsOn` goes round nowhere; references go anywhere. */
const graphs = fc
  .tuple(fc.shuffledSubarray(NAMES), fc.array(fc.tuple(some, some, some), { minLength: NAMES.length, maxLength: NAMES.length }))
  .map(([names, edges]) =>
    names.map((name, index) => {
      const [dependsOn = [], refersTo = [], required = []] = edges[index] ?? [];
      return node(
        name,
        dependsOn.filter((other) => names.indexOf(other) < index),
        refersTo,
        required,
      );
    }),
  );

describe('however the syncs of a project are related', () => {
  it('each comes once, after all that it waits for; what is written down holds, and a reference holds or is closed', () => {
    fc.assert(
      fc.property(graphs, (nodes) => {
        const { steps, closing } = orderGraph(nodes);
        const names = new Set(nodes.map(({ name }) => name));
        assert.deepEqual(new Set(steps.map(({ name }) => name)), names);
        assert.equal(steps.length, nodes.length);
        const done = new Set<string>();
        for (const { name, after } of steps) {
          for (const other of after) assert.ok(done.has(other), `${name} comes before ${other}`);
          done.add(name);
        }
        for (const { name, dependsOn, refersTo } of nodes) {
          const after = steps.find((step) => step.name === name)?.after ?? [];
          for (const other of dependsOn) assert.ok(!names.has(other) || after.includes(other), `${name} depends on ${other}`);
          for (const { sync } of refersTo) {
            const isClosed = closing.some(({ from, to }) => from === name && to === sync);
            assert.ok(!names.has(sync) || after.includes(sync) !== isClosed, `${name} refers to ${sync}`);
          }
        }
      }),
    );
  });

  it('closes only references that would go round, and the same ones in whatever order the syncs come', () => {
    fc.assert(
      fc.property(graphs, (nodes) => {
        const { steps, closing } = orderGraph(nodes);
        const waits = new Map(steps.map(({ name, after }) => [name, after]));
        const reaches = (from: string, to: string): boolean => from === to || (waits.get(from) ?? []).some((next) => reaches(next, to));
        for (const { from, to } of closing) assert.ok(reaches(to, from), `${to} does not wait for ${from}`);
        assert.deepEqual(orderGraph(nodes.toReversed()), { steps, closing });
      }),
    );
  });

  it('also where it is wrong, an order is found', () => {
    fc.assert(
      fc.property(fc.array(some, { minLength: NAMES.length, maxLength: NAMES.length }), (edges) => {
        const nodes = NAMES.map((name, index) => node(name, edges[index]));
        assert.equal(orderGraph(nodes).steps.length, NAMES.length);
        for (const { name } of nodes) {
          const cycle = findCycle(nodes, name);
          if (cycle === undefined) continue;
          for (const [index, one] of cycle.slice(0, -1).entries())
            assert.ok(nodes.find((other) => other.name === one)?.dependsOn.includes(cycle[index + 1] ?? ''));
        }
      }),
    );
  });
});
