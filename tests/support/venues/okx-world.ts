import type { Decimal } from "#src/core/decimal.ts";
import type { Instrument, VenueId } from "#src/core/instrument.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { MarketFeed } from "#src/ports/market-feed.ts";
import type { PaperEngine } from "#src/venues/paper/paper-engine.ts";
import type { OkxOrders } from "./okx-orders.ts";

/** What the parts of the server share. */
export interface OkxWorld {
  readonly venue: VenueId;
  readonly feed: MarketFeed;
  readonly clock: Clock;
  readonly engine: PaperEngine;
  readonly settings: OkxSettings;
  readonly orders: OkxOrders;
}

export type OkxRoutes = Readonly<Record<string, (ask: OkxAsk) => readonly unknown[] | OkxRefusal>>;

export interface OkxAsk {
  readonly query: Readonly<Record<string, string>>;
  /** The JSON of a POST: one object or a list. */
  readonly body: unknown;
  readonly headers: Headers;
}

/** A code other than 0; rows that failed one by one are given with "1". */
export class OkxRefusal {
  readonly code: string;
  readonly data: readonly unknown[];
  readonly status: number;

  constructor(code: string, data: readonly unknown[] = [], status = 200) {
    this.code = code;
    this.data = data;
    this.status = status;
  }
}

/** What the account may be set to; tests change it while the server runs. */
export interface OkxSettings {
  acctLv: "1" | "2" | "3";
  posMode: "net_mode" | "long_short_mode";
  perm: string;
  lever: string;
  instrumentState: string;
}

/** Base units as this venue counts them. */
export function contracts({ contractSizeBase }: Instrument, size: Decimal): string {
  return size.div(contractSizeBase).toFixed();
}
