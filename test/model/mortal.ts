import type { Ledger } from '../../ledger/ledger.ts';

/** What a process that was killed answers: nothing, to nobody. */
export class Dead extends Error {}

/** A ledger whose process is killed before its nth call: that one and all later ones never happen. What was committed before stays. */
export function mortal(ledger: Ledger, calls: number): Ledger {
  let left = calls;
  return new Proxy(ledger, {
    get: (target, name, receiver): unknown => {
      const method: unknown = Reflect.get(target, name, receiver);
      if (typeof method !== 'function') return method;
      return (...args: readonly unknown[]): unknown => {
        left -= 1;
        return left < 0 ? Promise.reject(new Dead('killed')) : Reflect.apply(method, target, args);
      };
    },
  });
}
