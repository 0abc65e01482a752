import { dec } from "#src/core/decimal.ts";
import type { FundingPayment } from "#src/core/funding.ts";
import type { Venue, VenueHealth } from "#src/ports/venue.ts";

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
  /** While it is not null it is what the account trades at. */
  leverage: string | null;
  /** Whether a change of leverage does anything. */
  obeysLeverage: boolean;
  isolated: boolean;
  state: VenueHealth["state"];
  readonly placed: string[];
  /** What it makes of the payments that it tells of. */
  tellsPaid: (paid: readonly FundingPayment[]) => readonly FundingPayment[];
} {
  const faulty = {
    id: venue.id,
    capabilities: venue.capabilities,
    streams: venue.streams,
    health: (): VenueHealth => ({ state: faulty.state, reason: null }),
    data: venue.data,
    faults: [] as Fault[],
    placed: [] as string[],
    lookupFailures: 0,
    tellsPaid: (paid: readonly FundingPayment[]) => paid,
    leverage: null as string | null,
    obeysLeverage: true,
    isolated: false,
    state: "ok" as VenueHealth["state"],
    trading: {
      cancel: venue.trading.cancel,
      cancelAll: venue.trading.cancelAll,
      async setLeverage({ request }: Parameters<Venue["trading"]["setLeverage"]>[0]) {
        if (faulty.obeysLeverage) faulty.leverage = request.leverage.toFixed();
        return { kind: "ack" } as const;
      },
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
      async setup(symbol: string) {
        const setup = await venue.account.setup(symbol);
        const marginMode = faulty.isolated ? ("isolated" as const) : setup.marginMode;
        const leverage = faulty.leverage === null ? setup.leverage : dec(faulty.leverage);
        return { ...setup, leverage, marginMode };
      },
      async fundingPayments(since: number) {
        return faulty.tellsPaid(await venue.account.fundingPayments(since));
      },
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
