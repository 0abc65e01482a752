import type { SizeBound } from "#src/core/proposal.ts";

const BOUNDS: Readonly<Record<SizeBound, string>> = {
  equityShare: "the smaller account",
  hardCapUsd: "your hard cap",
  depthUsd: "the order book's depth",
  freeMargin: "the free margin",
  openInterest: "the market's open interest",
  venueRoom: "one venue's share of your equity",
  singlePosition: "one hedge's share of your equity",
  utilisation: "what all hedges may add up to",
  reserve: "the reserve that stays free",
  liquidationDistance: "the distance to liquidation",
  borrowLimit: "what the venue lends",
  shock: "the price shock each leg must survive",
  mandateRoom: "the mandate's room",
};

/** What set a size, or left too little of it: "Size set by: …". */
export function boundWords(bound: SizeBound): string {
  return BOUNDS[bound];
}
