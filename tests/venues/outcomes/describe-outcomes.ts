import { describe, expect, test } from "bun:test";
import { type Decimal, dec, maxOf } from "#src/core/decimal.ts";
import type { Instrument } from "#src/core/instrument.ts";
import type { OrderRequest } from "#src/core/order.ts";
import type { Venue } from "#src/ports/venue.ts";
import { guarded, orderRequest } from "#tests/support/guarded-orders.ts";
import { shortly } from "#tests/support/paper-rig.ts";
import type { OutcomeRow } from "./outcome-row.ts";

/** A venue behind its real ccxt class, whose next reply to an order can be written by the test. */
export interface OutcomeRig {
  readonly venue: Venue;
  readonly symbol: string;
  /** The next order gets this, and nothing is executed. */
  answerWith(reply: () => Response): void;
  /** How many orders have reached the venue so far. */
  ordersSeen(): number;
  stop(): Promise<void>;
}

/**
 * Every reply through the adapter and ccxt's own class: what it came to, and that it was sent once. Each has
 * a venue of its own, because some replies make the venue one that is left alone for a while.
 */
export function describeOutcomes(
  name: string,
  rows: readonly OutcomeRow[],
  make: () => Promise<OutcomeRig>,
): void {
  describe(`what ${name}'s replies to an order prove`, () => {
    test.each(rows.map((row) => [row.name, row] as const))("%s", async (_name, row) => {
      const rig = await make();
      try {
        const instrument = await instrumentOf(rig);
        rig.answerWith(() => new Response(row.body, { status: row.status, headers: typeOf(row) }));
        const outcome = await rig.venue.trading.place(guarded(orderFor(instrument), instrument));
        const refused = row.expect === "REFUSED" ? `refused ${row.code}` : "unknown";
        expect(shortly(outcome)).toStartWith(row.expect === "ACK" ? "ack" : refused);
        expect(rig.ordersSeen()).toBe(1);
        if (outcome.kind !== "ack") expect(outcome.detail).not.toContain("http://");
      } finally {
        await rig.stop();
      }
    });

    test("prove nothing beneath a 5xx, whatever they say", async () => {
      const refused = rows.find(({ expect, status }) => expect === "REFUSED" && status < 500);
      const rig = await make();
      try {
        const instrument = await instrumentOf(rig);
        const body = refused?.body ?? "";
        rig.answerWith(() => new Response(body, { status: 503, headers: typeOf({ body }) }));
        const outcome = await rig.venue.trading.place(guarded(orderFor(instrument), instrument));
        expect(shortly(outcome)).toStartWith("unknown");
      } finally {
        await rig.stop();
      }
    });

    test.each(["[]", "[null]", "null", '"taken"', "12"])("%s proves nothing", async (body) => {
      const rig = await make();
      try {
        const instrument = await instrumentOf(rig);
        const headers = { "content-type": "application/json" };
        rig.answerWith(() => new Response(body, { headers }));
        const outcome = await rig.venue.trading.place(guarded(orderFor(instrument), instrument));
        expect(outcome.kind).toBe("unknown");
      } finally {
        await rig.stop();
      }
    });

    test.each([
      ["its time is up", { expiresAt: Date.now() - 1 }],
      ["it is not listed", { symbol: "NO-SUCH-PERP" }],
      ["it is off the lot", { sizeBase: "lot and a half" as const }],
    ])("sends nothing when %s", async (_name, over) => {
      const rig = await make();
      try {
        const instrument = await instrumentOf(rig);
        const order = orderFor(instrument);
        const half = instrument.lotStepBase.times("1.5");
        const sizeBase = "sizeBase" in over ? order.sizeBase.plus(half) : order.sizeBase;
        const request = { ...order, ...over, sizeBase } as OrderRequest;
        const outcome = await rig.venue.trading.place(
          guarded(request, { ...instrument, lotStepBase: tiny(instrument) }),
        );
        expect(shortly(outcome)).toBe("refused NOT_SENT");
        expect(rig.ordersSeen()).toBe(0);
      } finally {
        await rig.stop();
      }
    });
  });
}

async function instrumentOf({ venue, symbol }: OutcomeRig): Promise<Instrument> {
  const found = (await venue.data.instruments()).find((one) => one.symbol === symbol);
  if (!found) throw new Error(`no ${symbol}`);
  return found;
}

let count = 0;

/** A few lots more than the venue takes at least, at a price on its grid. */
function orderFor(one: Instrument): OrderRequest {
  const { venue, symbol, lotStepBase, priceTick, minSizeBase, minNotionalUsd } = one;
  count += 1;
  const limit = priceTick.times("1000");
  const least = maxOf<Decimal>(minSizeBase, minNotionalUsd.times("2").div(limit));
  const lots = least.div(lotStepBase).round(0, 3).plus("10");
  return orderRequest({
    ...{ venue, symbol, clientOrderId: `Houtcome4o0n1x${process.pid}y${count}` },
    ...{ size: lotStepBase.times(lots).toFixed(), limit: limit.toFixed() },
    expiresAt: Date.now() + 10_000,
  });
}

/** So that the guard's ticket lets through what the venue's own grid must stop. */
function tiny({ lotStepBase }: Instrument): Instrument["lotStepBase"] {
  return lotStepBase.times(dec("0.5")) as Instrument["lotStepBase"];
}

function typeOf({ body }: Pick<OutcomeRow, "body">): HeadersInit {
  const isJson = body.startsWith("{") || body.startsWith("[");
  return { "content-type": isJson ? "application/json" : "text/html" };
}
