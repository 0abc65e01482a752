import type { Venue } from "#src/ports/venue.ts";

export type Fault =
  | "none"
  | "rejected"
  /** It filled, but the answer was lost. */
  | "answerLost"
  /** It never arrived. */
  | "requestLost"
  | "throwsAfterFill";

/** A venue whose next mutations go wrong in the ways that are listed; everything else is the real one. */
export function createFaultyVenue(venue: Venue): Venue & {
  readonly faults: Fault[];
  lookupFailures: number;
  readonly placed: string[];
} {
  const faulty = {
    id: venue.id,
    data: venue.data,
    faults: [] as Fault[],
    placed: [] as string[],
    lookupFailures: 0,
    trading: {
      cancel: venue.trading.cancel,
      async place(order: Parameters<Venue["trading"]["place"]>[0]) {
        faulty.placed.push(`${order.request.side}${order.request.reduceOnly ? " reduce" : ""}`);
        const fault = faulty.faults.shift() ?? "none";
        if (fault === "rejected") {
          return { kind: "refused", code: "INSUFFICIENT_MARGIN", detail: "no margin" } as const;
        }
        if (fault === "requestLost") return { kind: "unknown", detail: "timeout" } as const;
        const outcome = await venue.trading.place(order);
        if (fault === "answerLost") return { kind: "unknown", detail: "timeout" } as const;
        if (fault === "throwsAfterFill") throw new TypeError("not JSON");
        return outcome;
      },
    },
    account: {
      ...venue.account,
      async lookupOrder(symbol: string, clientOrderId: string) {
        if (faulty.lookupFailures > 0) {
          faulty.lookupFailures -= 1;
          throw new Error("503");
        }
        return venue.account.lookupOrder(symbol, clientOrderId);
      },
    },
  };
  return faulty;
}
