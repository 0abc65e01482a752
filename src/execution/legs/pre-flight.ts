import { type Decimal, isMultipleOf } from "#src/core/decimal.ts";
import { type Instrument, isSpotSymbol } from "#src/core/instrument.ts";
import type { OpenLeg, OpenProposal } from "#src/core/proposal.ts";
import { type ExecutionContext, requireVenue } from "#src/execution/context.ts";
import {
  askVenue,
  clockGap,
  instrumentOf,
  readPositions,
  sizeIn,
} from "#src/execution/fate/ask-venue.ts";
import type { Ticket } from "#src/guard/ticket.ts";
import type { TradingSetup } from "#src/ports/venue.ts";
import { isLeftover } from "./spot-balance.ts";

/** Venues refuse orders from the future, and a fence in the wrong time is none. */
const MAX_CLOCK_GAP_MS = 1_000;

export type PreFlight =
  | { readonly ok: true; readonly instruments: readonly [Instrument, Instrument] }
  | { readonly ok: false; readonly why: string };

/** Both legs, before either is sent: what would refuse the second must stop the first. */
export async function checkBothLegs(
  context: ExecutionContext,
  { legs }: OpenProposal,
  ticket: Ticket,
): Promise<PreFlight> {
  try {
    const [first, second] = await Promise.all([
      checkLeg(context, legs[0], ticket),
      checkLeg(context, legs[1], ticket),
    ]);
    const why = first.why ?? second.why;
    if (why) return { ok: false, why };
    return { ok: true, instruments: [first.instrument, second.instrument] };
  } catch (error) {
    context.log.warn("preFlightFailed", { error });
    return { ok: false, why: "a venue did not answer" };
  }
}

async function checkLeg(
  context: ExecutionContext,
  leg: OpenLeg,
  ticket: Ticket,
): Promise<{ readonly instrument: Instrument; readonly why: string | null }> {
  const { venue, symbol } = leg;
  const { account, health: ask } = requireVenue(context, venue);
  context.memory.aheadMs.delete(venue);
  const [instrument, setup, state, positions, aheadMs] = await Promise.all([
    instrumentOf(context, venue, symbol),
    setUp(context, leg, ticket),
    askVenue(context, account.account(isSpotSymbol(symbol) ? "spot" : "perp")),
    readPositions(context, venue),
    clockGap(context, venue),
  ]);
  const marginUsd = leg.notionalUsd.div(setup.leverage ?? instrument.maxLeverage);
  const wanted = ticket.leverageOf(leg) ?? context.limits.maxLeverage;
  const health = ask();
  const clockIsOff = `this machine's clock is ${(aheadMs / 1_000).toFixed(1)} s behind it`;
  const problems: readonly (readonly [boolean, string])[] = [
    [Math.abs(aheadMs) > MAX_CLOCK_GAP_MS, clockIsOff],
    [health.state !== "ok", `it is ${health.state} (${health.reason})`],
    [setup.status !== "trading", `${symbol} is not open for trading`],
    [setup.positionMode !== "oneWay", "the account is not in one-way mode"],
    // The liquidation price on the card is that of an account whose whole equity backs the leg.
    [setup.marginMode === "isolated", `${symbol} is on isolated margin; set it to cross`],
    [isTooHigh(setup, wanted), `leverage is ${setup.leverage?.toFixed()} and could not be lowered`],
    [!isMultipleOf(leg.sizeBase, instrument.lotStepBase), `${symbol} has another lot now`],
    [leg.sizeBase.lt(instrument.minSizeBase), `the size is below the least of ${symbol}`],
    [leg.notionalUsd.lt(instrument.minNotionalUsd), `the value is below the least of ${symbol}`],
    [state.freeCollateralUsd.lt(marginUsd), "there is not enough free collateral"],
    [
      !isLeftover(context, leg, sizeIn(positions, symbol)),
      `there is a position in ${symbol} already`,
    ],
  ];
  const problem = problems.find(([is]) => is);
  return { instrument, why: problem ? `${venue}: ${problem[1]}` : null };
}

/** How it would trade, once its leverage was lowered to what the guard judged; higher is never set. */
async function setUp(
  context: ExecutionContext,
  { venue, symbol }: OpenLeg,
  ticket: Ticket,
): Promise<TradingSetup> {
  const { account, trading } = requireVenue(context, venue);
  const found = await askVenue(context, account.setup(symbol));
  const leverage = ticket.leverageOf({ venue, symbol });
  if (!leverage || !isTooHigh(found, leverage)) return found;
  const change = ticket.admitLeverage({ venue, symbol, leverage }, context.clock.wallNow());
  if ("code" in change) return found;
  await askVenue(context, trading.setLeverage(change));
  // Whatever it answered: what counts is what it says now.
  return askVenue(context, account.setup(symbol));
}

function isTooHigh({ leverage }: TradingSetup, wanted: Decimal): boolean {
  return leverage?.gt(wanted) ?? false;
}
