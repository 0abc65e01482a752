/** "-12345.60" → "−12,345.60": thousands apart, a minus that is no hyphen, and none before what is nothing. */
export function writeNumber(plain: string): string {
  const [whole = "", fraction] = plain.split(".");
  const isNothing = /^-?0*(?:\.0*)?$/.test(plain);
  const sign = whole.startsWith("-") && !isNothing ? "−" : "";
  const grouped = whole.replace(/^-/, "").replace(/\B(?=(\d{3})+(?!\d))/g, ",");
  return fraction === undefined ? `${sign}${grouped}` : `${sign}${grouped}.${fraction}`;
}
