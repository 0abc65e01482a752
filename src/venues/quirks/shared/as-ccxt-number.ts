/** ccxt's types ask for numbers; its methods take digits as well, and keep them. */
export function asCcxtNumber(exact: string): number {
  return exact as unknown as number;
}
