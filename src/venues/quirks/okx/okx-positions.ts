import type { okx as OkxExchange } from "ccxt";
import { type Decimal, ZERO } from "#src/core/decimal.ts";
import { RetryableError } from "#src/core/errors.ts";
import { canonicalAsset } from "#src/core/instrument.ts";
import type { Position } from "#src/core/order.ts";
import { type BaseSize, baseSize, type Price, price, signedBase } from "#src/core/units.ts";
import type { Listed, Listings } from "#src/venues/ccxt/driver.ts";
import { fromWirePrice, toBase } from "#src/venues/ccxt/listed.ts";
import { decimal, decimalOrNull, type Row, text, textOrNull } from "#src/venues/ccxt/row.ts";
import { adlRank } from "#src/venues/quirks/shared/adl-rank.ts";
import { okxRows } from "./okx-reply.ts";

/** Everything that is held in swaps of USDT; what others hold here in coin-margined ones is not ours to count. */
export async function okxPositions(
  exchange: OkxExchange,
  listings: Listings,
): Promise<readonly Position[]> {
  const answer = await exchange.privateGetAccountPositions({ instType: "SWAP" });
  const held = okxRows(answer, "positions").filter(
    (one) => !decimal(one, "pos").eq(ZERO) && text(one, "instId").endsWith("-USDT-SWAP"),
  );
  const bySymbol = Map.groupBy(held, (one) => text(one, "instId"));
  return [...bySymbol].flatMap(([symbol, sides]) => {
    const of = listings.get(symbol);
    return positionOf(symbol, sides, of ? ofListed(of) : unlisted);
  });
}

/** How to read a row's contracts and prices. */
interface Words {
  size(row: Row, contracts: Decimal): BaseSize;
  price(row: Row, quoted: Decimal): Price;
}

function ofListed(of: Listed): Words {
  return {
    size: (_row, contracts) => toBase(of, contracts),
    price: (_row, quoted) => fromWirePrice(of, quoted),
  };
}

/**
 * Of a swap that is not traded here, or not any more: nobody says what a contract is, but the row says what all
 * of them are worth. So what is held there is seen, to the cent, and keeps no other position from being read.
 */
const unlisted: Words = {
  size(row) {
    const usdPerCoin = decimal(row, "markPx").times(decimalOrNull(row, "usdPx") ?? "1");
    if (usdPerCoin.lte(ZERO)) throw new RetryableError(`${text(row, "instId")} has no price`);
    const coins = decimal(row, "notionalUsd").abs().div(usdPerCoin);
    return baseSize(coins.times(unitOf(row)).round(8));
  },
  price: (row, quoted) => price(quoted.div(unitOf(row))),
};

function unitOf(row: Row): Decimal {
  return canonicalAsset(text(row, "instId").replace(/-.*$/, "")).unitMultiplier;
}

/** One row in one-way mode; in hedge mode a row a side, of which the sum is what is held. */
function positionOf(symbol: string, sides: readonly Row[], words: Words): readonly Position[] {
  const [first] = sides;
  const size = sides
    .map((side) => signedSize(side, words))
    .reduce((all, one) => all.plus(one), ZERO);
  if (!first || size.eq(ZERO)) return [];
  const single = sides.length === 1;
  const entry = single ? decimalOrNull(first, "avgPx") : null;
  const liquidation = single ? decimalOrNull(first, "liqPx") : null;
  return [
    {
      ...{ venue: "okx", symbol, sizeBase: signedBase(size) },
      entryPrice: entry?.gt(ZERO) ? words.price(first, entry) : null,
      markPrice: words.price(first, decimal(first, "markPx")),
      liquidationPrice: liquidation?.gt(ZERO) ? words.price(first, liquidation) : null,
      ...adlRank(decimalOrNull(first, "adl"), 5),
    },
  ];
}

function signedSize(side: Row, words: Words): Decimal {
  const contracts = decimal(side, "pos");
  const size = words.size(side, contracts.abs());
  const isShort = textOrNull(side, "posSide") === "short" || contracts.lt(ZERO);
  return isShort ? size.neg() : size;
}
