/** One who wants a part of a whole. */
export interface Claimant {
  /** Twice the weight, twice the part where there is not enough for all; 0: no part. At least one has more than 0. */
  readonly weight: number;
  /** How much of the whole it can use, as a fraction; 1: whatever it gets. */
  readonly demand: number;
}

/**
 * Divides a whole of 1 by weight: nobody gets more than it demands while another wants for something (weighted max-min fairness). What nobody demands is divided, too, so that
 * who wants more in a moment need not ask first.
 * @returns fractions in the order of the claimants; they add up to 1
 */
export function divideByWeight(claimants: readonly Claimant[]): readonly number[] {
  const shares = claimants.map(() => 0);
  let rest = 1;
  let wanting = claimants.map((claimant, index) => ({ ...claimant, index }));
  while (wanting.length > 0) {
    const unit = rest / sumOfWeights(wanting);
    const content = wanting.filter(({ demand, weight }) => demand <= unit * weight);
    if (content.length === 0) {
      for (const { index, weight } of wanting) shares[index] = unit * weight;
      return shares;
    }
    for (const { index, demand } of content) shares[index] = demand;
    rest = Math.max(0, rest - content.reduce((sum, { demand }) => sum + demand, 0));
    wanting = wanting.filter((claimant) => !content.includes(claimant));
  }
  const unit = rest / sumOfWeights(claimants);
  return claimants.map(({ weight }, index) => (shares[index] ?? 0) + unit * weight);
}

/**
 * Divides things that can't be cut, as `divideByWeight` would: what is left over by cutting goes, one each, to those who have had nothing for the longest time.
 * @param claimants `since`: when it last had one; smaller is longer ago
 */
export function divideWhole(count: number, claimants: readonly (Claimant & { readonly since: number })[]): readonly number[] {
  const exact = divideByWeight(claimants).map((share) => share * count);
  // A thousandth is no part of a thing, but an error of the arithmetic.
  const whole = exact.map((part) => Math.floor(part + 0.001));
  let left = count - whole.reduce((sum, part) => sum + part, 0);
  const inLine = claimants
    .map(({ since }, index) => ({ since, index, isCut: (exact[index] ?? 0) - (whole[index] ?? 0) > 0.001 }))
    .filter(({ isCut }) => isCut)
    .toSorted((one, other) => one.since - other.since);
  for (const { index } of inLine) {
    if (left <= 0) break;
    whole[index] = (whole[index] ?? 0) + 1;
    left -= 1;
  }
  return whole;
}

function sumOfWeights(claimants: readonly Claimant[]): number {
  return claimants.reduce((sum, { weight }) => sum + weight, 0);
}
