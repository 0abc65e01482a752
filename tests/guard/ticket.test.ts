import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { canonicalHash } from "#src/core/canonical-hash.ts";
import { dec, sum } from "#src/core/decimal.ts";
import { claimSealer, Guarded } from "#src/core/guarded.ts";
import type { OrderRequest } from "#src/core/order.ts";
import { baseSize, price, signedBase } from "#src/core/units.ts";
import { checkOpen, checkReduce } from "#src/guard/check.ts";
import { Ticket } from "#src/guard/ticket.ts";
import { approvalOf, NOW, openCheck } from "#tests/support/builders.ts";

function openTicket(): Ticket {
  const check = openCheck();
  const proposalHash = canonicalHash(check.proposal);
  const verdict = checkOpen({ ...check, proposalHash, authority: approvalOf(check.proposal) });
  if (!verdict.ok) throw new Error("not admitted");
  return verdict.ticket;
}

function order(over: Partial<OrderRequest> = {}): OrderRequest {
  return {
    venue: "beta",
    symbol: "BTC-PERP",
    clientOrderId: "one",
    side: "buy",
    sizeBase: baseSize("0.5"),
    limitPrice: price("60000"),
    timeInForce: "ioc",
    reduceOnly: false,
    expiresAt: NOW + 1_000,
    ...over,
  };
}

function codeOf(result: unknown): string {
  return typeof result === "object" && result !== null && "code" in result
    ? String(result.code)
    : "admitted";
}

describe("a ticket", () => {
  test("admits an order within its terms, sealed", () => {
    const guarded = openTicket().admit(order(), NOW);
    expect(Guarded.isSealed(guarded)).toBe(true);
  });

  test.each([
    ["TICKET_EXPIRED", {}, NOW + 120_000],
    ["TICKET_ORDER_NOT_COVERED", { venue: "gamma" }, NOW],
    ["TICKET_ORDER_NOT_COVERED", { symbol: "ETH-PERP" }, NOW],
    ["TICKET_ORDER_NOT_COVERED", { side: "sell" }, NOW],
    ["TICKET_NOT_REDUCE_ONLY", { reduceOnly: true }, NOW],
    ["TICKET_SIZE_EXCEEDED", { sizeBase: baseSize("0.501") }, NOW],
    ["TICKET_SIZE_EXCEEDED", { sizeBase: baseSize("0") }, NOW],
    ["TICKET_PRICE_BEYOND_COLLAR", { limitPrice: price("60000.1") }, NOW],
  ] as const)("answers %s to %p", (code, over, now) => {
    expect(codeOf(openTicket().admit(order(over), now))).toBe(code);
  });

  test("admits an order id once", () => {
    const ticket = openTicket();
    ticket.admit(order({ sizeBase: baseSize("0.1") }), NOW);
    expect(codeOf(ticket.admit(order({ sizeBase: baseSize("0.1") }), NOW))).toBe(
      "TICKET_ORDER_NOT_COVERED",
    );
  });

  test.each([
    ["3", "admitted"],
    ["1", "admitted"],
    ["4", "TICKET_ORDER_NOT_COVERED"],
    ["0", "TICKET_ORDER_NOT_COVERED"],
  ])("lets leverage %s be set on a leg judged at 3: %s", (leverage, answer) => {
    const change = { venue: "beta", symbol: "BTC-PERP", leverage: dec(leverage) };
    expect(codeOf(openTicket().admitLeverage(change, NOW))).toBe(answer);
    expect(codeOf(openTicket().admitLeverage({ ...change, venue: "gamma" }, NOW))).toBe(
      "TICKET_ORDER_NOT_COVERED",
    );
  });

  test("never lets more fill than its size, whatever is ordered and given back", () => {
    const step = fc.record({
      lots: fc.integer({ min: 1, max: 600 }),
      filledShare: fc.integer({ min: 0, max: 10 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const ticket = openTicket();
        const filled = steps.map(({ lots, filledShare }, index) => {
          const sizeBase = baseSize(dec(String(lots)).times("0.001"));
          const clientOrderId = `order${index}`;
          if (codeOf(ticket.admit(order({ sizeBase, clientOrderId }), NOW)) !== "admitted")
            return dec("0");
          const part = baseSize(sizeBase.times(String(filledShare)).div("10"));
          ticket.release(clientOrderId, part);
          return part;
        });
        expect(sum(filled).lte("0.5")).toBe(true);
      }),
    );
  });
});

describe("forgery", () => {
  test("a literal, a copy and a JSON copy of an order are not sealed", () => {
    const guarded = openTicket().admit(order(), NOW);
    expect(Guarded.isSealed({ request: order() })).toBe(false);
    expect(Guarded.isSealed({ ...guarded })).toBe(false);
    expect(Guarded.isSealed(JSON.parse(JSON.stringify(guarded)))).toBe(false);
    expect(Ticket.isTicket(JSON.parse("{}"))).toBe(false);
  });

  test("nobody can claim the sealer after the guard", () => {
    expect(claimSealer).toThrow("already claimed");
  });

  test("a sealed order cannot be changed", () => {
    const guarded = openTicket().admit(order(), NOW);
    if ("code" in guarded) throw new Error("not admitted");
    expect(() => Object.assign(guarded.request, { sizeBase: baseSize("9") })).toThrow();
  });
});

describe("a reduce ticket", () => {
  const leg = { venue: "beta", symbol: "BTC-PERP", positionBase: signedBase("0.3") };
  const { limits } = openCheck();
  const verdictOf = (side: "buy" | "sell", size: string, position = "0.3") =>
    checkReduce({
      plan: {
        purpose: "close",
        legs: [{ ...leg, side, sizeBase: baseSize(size), positionBase: signedBase(position) }],
      },
      limits,
      now: NOW,
    });

  test("is given against the position's direction, up to its size", () => {
    expect(verdictOf("sell", "0.3").ok).toBe(true);
    expect(verdictOf("buy", "0.3", "-0.3").ok).toBe(true);
  });

  test.each([
    ["REDUCE_WOULD_INCREASE", "buy", "0.1", "0.3"],
    ["REDUCE_EXCEEDS_POSITION", "sell", "0.301", "0.3"],
    ["REDUCE_EXCEEDS_POSITION", "sell", "0", "0.3"],
    ["REDUCE_WITHOUT_POSITION", "sell", "0.1", "0"],
  ] as const)("is denied with %s", (code, side, size, position) => {
    const verdict = verdictOf(side, size, position);
    expect(verdict.ok ? [] : verdict.denials.map((one) => one.code)).toEqual([code]);
  });

  test("admits reduce-only orders only", () => {
    const verdict = verdictOf("sell", "0.3");
    if (!verdict.ok) throw new Error("denied");
    const selling = order({ side: "sell", sizeBase: baseSize("0.3") });
    expect(codeOf(verdict.ticket.admit(selling, NOW))).toBe("TICKET_NOT_REDUCE_ONLY");
    expect(codeOf(verdict.ticket.admit({ ...selling, reduceOnly: true }, NOW))).toBe("admitted");
  });
});
