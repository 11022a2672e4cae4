/** A value now, or a promise of it. */
export type MaybePromise<Value> = Value | Promise<Value>;

/** Goes on at once where the value is there: a promise for each record costs more than what is done with it. */
export function whenKnown<Value, Result>(value: MaybePromise<Value>, then: (value: Value) => MaybePromise<Result>): MaybePromise<Result> {
  return value instanceof Promise ? value.then(then) : then(value);
}

/** As `whenKnown`, for several. */
export function whenAllKnown<Value, Result>(
  values: readonly MaybePromise<Value>[],
  then: (values: readonly Value[]) => MaybePromise<Result>,
): MaybePromise<Result> {
  return isAllKnown(values) ? then(values) : Promise.all(values).then(then);
}

function isAllKnown<Value>(values: readonly MaybePromise<Value>[]): values is readonly Value[] {
  for (const value of values) if (value instanceof Promise) return false;
  return true;
}
