/** Reproducible noise: every value is a function of a text key, so that order of asking never matters. */
export function uniform(key: string): number {
  // The hash's top 53 bits are exactly what a double in [0, 1) can hold.
  return Number(Bun.hash.xxHash64(key) >> 11n) / 2 ** 53;
}

/** Standard normal by Box–Muller. */
export function gaussian(key: string): number {
  const radius = Math.sqrt(-2 * Math.log(1 - uniform(`${key}#r`)));
  return radius * Math.cos(2 * Math.PI * uniform(`${key}#a`));
}

/** A first-order autoregressive series around 0, grown as far as it is asked for. */
export function createAutoregression(
  key: string,
  sd: number,
  rho: number,
): (index: number) => number {
  const values: number[] = [];
  const innovation = sd * Math.sqrt(1 - rho * rho);
  return (index) => {
    for (let next = values.length; next <= index; next += 1) {
      const before = values[next - 1];
      const shock = gaussian(`${key}:${next}`);
      values.push(before === undefined ? sd * shock : rho * before + innovation * shock);
    }
    return values[Math.max(0, index)] ?? 0;
  };
}
