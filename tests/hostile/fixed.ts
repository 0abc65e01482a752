/** A plain decimal as a whole number of 10^-10. */
export type Fixed = bigint;

const PLACES = 10;
const ONE = 10n ** BigInt(PLACES);

/** Reads a plain decimal; what lies beyond ten places is cut off. */
export function fixed(text: string): Fixed {
  const [whole = "0", part = ""] = text.replace("-", "").split(".");
  const value = BigInt(whole + part.slice(0, PLACES).padEnd(PLACES, "0"));
  return text.startsWith("-") ? -value : value;
}

export function timesFixed(a: Fixed, b: Fixed): Fixed {
  return (a * b) / ONE;
}

export function tenThousandthsOf(value: Fixed, share: bigint): Fixed {
  return (value * share) / 10_000n;
}

export function larger(a: Fixed, b: Fixed): Fixed {
  if (a > b) return a;
  return b;
}

export function smaller(a: Fixed, b: Fixed): Fixed {
  if (a < b) return a;
  return b;
}

export function plus(a: Fixed, b: Fixed): Fixed {
  return a + b;
}

export function magnitude(value: Fixed): Fixed {
  return value < 0n ? -value : value;
}
