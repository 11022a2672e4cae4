import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { LearnedPace } from '../../http/learned-pace.ts';
import { RateWindow } from '../../http/rate-window.ts';

/** Sends as early as the windows allow, on a simulated clock whose timers fire late. @returns when requests went */
function simulate(
  windows: readonly RateWindow[],
  demand: readonly { readonly idleMs: number; readonly lateMs: number; readonly isUndone: boolean }[],
): readonly number[] {
  const sent: number[] = [];
  let now = 1_000;
  for (const { idleMs, lateMs, isUndone } of demand) {
    now += idleMs;
    for (;;) {
      const waitMs = Math.max(...windows.map((window) => window.waitMs(now)));
      if (waitMs <= 0) break;
      now += Math.ceil(waitMs) + lateMs;
    }
    for (const window of windows) window.take(now);
    if (isUndone) for (const window of windows) window.undo();
    else sent.push(now);
  }
  return sent;
}

function mostInAnyWindow(sent: readonly number[], perMs: number): number {
  return Math.max(0, ...sent.map((from) => sent.filter((at) => at >= from && at < from + perMs).length));
}

const window = fc.record({ count: fc.integer({ min: 1, max: 40 }), perMs: fc.constantFrom(100, 1_000, 10_000, 60_000, 3_600_000) });
const demand = fc.array(
  fc.record({
    idleMs: fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: 0, max: 20_000 }) }),
    lateMs: fc.integer({ min: 0, max: 40 }),
    isUndone: fc.boolean(),
  }),
  { maxLength: 120 },
);

describe('windows of a rate limit', () => {
  it('no stretch of a window holds more requests than it allows, several windows at once, with late timers and requests taken back', () => {
    fc.assert(
      fc.property(fc.array(window, { minLength: 1, maxLength: 3 }), demand, (declared, asked) => {
        const sent = simulate(
          declared.map((each) => new RateWindow(each)),
          asked,
        );
        for (const { count, perMs } of declared) assert.ok(mostInAnyWindow(sent, perMs) <= count);
      }),
    );
  });

  it('a short window is spaced evenly from the first request on, and uses what is allowed although timers fire late', () => {
    const asked = Array.from({ length: 500 }, () => ({ idleMs: 0, lateMs: 4, isUndone: false }));
    const sent = simulate([new RateWindow({ count: 50, perMs: 1_000 })], asked);
    assert.ok(mostInAnyWindow(sent, 100) <= 7);
    const perSecond = (sent.length - 1) / (((sent.at(-1) ?? 0) - (sent[0] ?? 0)) / 1_000);
    assert.ok(perSecond >= 48.5 && perSecond <= 50, `${perSecond}`);
  });

  it('a long quota may be used at once, and then says how long it is spent', () => {
    const daily = new RateWindow({ count: 3, perMs: 86_400_000 });
    for (const at of [0, 10, 20]) {
      assert.equal(daily.waitMs(at), 0);
      daily.take(at);
    }
    assert.ok(daily.waitMs(1_000) >= 86_399_000);
    assert.equal(daily.waitMs(86_400_200), 0);
  });
});

it('where nothing is declared, the pace follows the 429s: less at once, then more bit by bit', () => {
  const pace = new LearnedPace();
  let now = 0;
  for (; now < 2_000; now += 10) pace.note(false, now);
  assert.equal(pace.pacer, undefined);
  pace.note(true, now);
  pace.note(true, now + 5);
  const afterFirst = perSecond(pace);
  assert.ok(afterFirst > 70 && afterFirst < 90, `${afterFirst}`);
  for (let end = now + 4_000; now < end; now += 20) pace.note(false, now);
  const grown = perSecond(pace);
  assert.ok(grown > afterFirst + 2 && grown < afterFirst + 15, `${grown}`);
});

function perSecond(pace: LearnedPace): number {
  return 1_000 / (pace.pacer?.intervalMs ?? 0);
}
