/** Whether a record belongs to a sample of so many percent: the same ones each time. Undefined: all do. */
export function isInSample(key: string, percent: number | undefined): boolean {
  if (percent === undefined) return true;
  let hash = 0x811c9dc5;
  for (let index = 0; index < key.length; index++) hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193) >>> 0;
  return hash % 10_000 < percent * 100;
}
