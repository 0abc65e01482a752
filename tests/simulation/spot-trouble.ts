import { type Decimal, dec, floorToStep, minOf, ZERO } from "#src/core/decimal.ts";
import { grownIn } from "#src/core/figures/borrow.ts";
import { isSpotSymbol } from "#src/core/instrument.ts";
import type { Fault } from "./faults.ts";
import type { LegMarket } from "./leg-markets.ts";
import { atSomeMoment, type Cause, momentOf, touch } from "./moments.ts";
import { venueTime } from "./process.ts";
import type { Schedule } from "./run-schedule.ts";

/** What happens to coins and loans by themselves, or by their owner's hand. */
export const SPOT_CAUSES: Partial<Record<Fault, Cause>> = {
  feeInCoins: (schedule) => {
    if (!schedule.swarm.strikes("feeInCoins")) return;
    for (const truth of schedule.truths) truth.wallet.feeRate = dec("0.001");
  },
  loanGrows: (schedule) => {
    if (!schedule.swarm.strikes("loanGrows")) return;
    for (let times = 1 + schedule.choices.draw(4); times > 0; times -= 1) {
      schedule.world.after(momentOf(schedule), () => charge(schedule));
    }
  },
  ownCoins: (schedule) => {
    if (!schedule.swarm.strikes("ownCoins")) return;
    bring(schedule, schedule.choices.draw(2) === 0 ? "0.0003" : "0.3");
  },
  coinsArrive: (schedule) =>
    atSomeMoment(schedule, "coinsArrive", () => {
      bring(schedule, ["0.00041", "0.2", "0.6"][schedule.choices.draw(3)] ?? "0.2");
    }),
  coinsLeave: (schedule) => atSomeMoment(schedule, "coinsLeave", () => withdraw(schedule)),
  coinsTradedByHand: (schedule) =>
    atSomeMoment(schedule, "coinsTradedByHand", () => {
      const leg = spotLeg(schedule);
      if (leg) takeCoins(schedule, leg, "order", "0.3");
    }),
};

/** Coins of a leg go, or come, by a hand's order or without a trace. */
export function takeCoins(
  schedule: Schedule,
  leg: LegMarket,
  cause: "order" | "deleveraging" | null,
  share: string,
): boolean {
  const { truth, symbol } = leg;
  const held = truth.position(symbol);
  const lot = truth.instruments.get(symbol)?.lotStepBase ?? dec("0.01");
  const size = floorToStep(held.abs().times(share), lot);
  if (size.eq(ZERO) || cause === "deleveraging") return false;
  const at = venueTime(schedule.world);
  if (cause === null) {
    if (held.gt(ZERO)) truth.wallet.sold(symbol, size, held.minus(size));
    else truth.wallet.camePerhaps(symbol, size);
    truth.transfer(symbol, held.gt(ZERO) ? size.neg() : size, at);
    return true;
  }
  const adds = schedule.choices.draw(2) === 1;
  const isLoan = held.lt(ZERO);
  // More than a hedge borrowed is nobody's but the hand's that borrowed it.
  if (adds && isLoan) touch(schedule);
  // What is repaid by hand and by an order that is on its way is left over; of two loans it may be either's.
  const isMixed = truth.wallet.own(symbol).least.lt(ZERO);
  if (!adds && isLoan && (isMixed || schedule.store.hasLiveAttempts()))
    truth.wallet.camePerhaps(symbol, size);
  if (adds && isLoan) truth.wallet.borrowedByHand(symbol, size);
  if (adds && !isLoan) truth.wallet.ownMoved(symbol, size);
  if (!adds && !isLoan) truth.wallet.sold(symbol, size, held.minus(size));
  const side = adds === isLoan ? "sell" : "buy";
  truth.trade(symbol, side, size, "order", "by-hand", at);
  return true;
}

function spotLeg({ markets }: Schedule): LegMarket | undefined {
  return markets[0]?.legs.find(({ symbol }) => isSpotSymbol(symbol));
}

function charge(schedule: Schedule): void {
  const leg = spotLeg(schedule);
  const { choices, store, assets, swarm } = schedule;
  // Weeks may have passed while it stood; while it is opened or closed, or a venue tells what was, seconds have.
  const isOpen = store.getHedge(`H-${assets[0] ?? "BTC"}`)?.phase === "open";
  const stands = isOpen && !swarm.isOn("stalePositions");
  const share = dec(String(1 + choices.draw(20))).div(stands ? "1000" : "1000000");
  // More than 3 % that nobody booked would be weeks of silence.
  const booked = grownIn(store.listFills(`H-${assets[0] ?? "BTC"}`));
  if (leg?.truth.wallet.grown(leg.symbol).minus(booked).gt("0.004")) return;
  leg?.truth.charge(leg.symbol, share, venueTime(schedule.world));
}

/** The owner's own coins; beside a loan they make it smaller, and nobody can tell why. */
function bring(schedule: Schedule, size: string): void {
  const leg = spotLeg(schedule);
  if (!leg) return;
  const { truth, symbol } = leg;
  const isLoan = truth.position(symbol).lt(ZERO);
  const wasTouched = schedule.beyondUs.touched.size > 0;
  if (schedule.markets[0]?.borrows) touch(schedule);
  // What was taken of a hedge's may be paid back by it.
  if (isLoan || wasTouched) truth.wallet.camePerhaps(symbol, dec(size));
  else truth.wallet.ownMoved(symbol, dec(size));
  truth.transfer(symbol, dec(size), venueTime(schedule.world));
}

/** His own first; then a hedge's, which no fill explains. */
function withdraw(schedule: Schedule): void {
  const leg = spotLeg(schedule);
  if (!leg) return;
  const { truth, symbol } = leg;
  const there = truth.position(symbol);
  const own: Decimal = truth.wallet.own(symbol).least;
  const size = own.gt(ZERO) ? minOf<Decimal>(own, there) : there.times("0.5");
  if (size.lte(ZERO)) return;
  if (own.gt(ZERO)) truth.wallet.ownMoved(symbol, size.neg());
  else {
    touch(schedule);
    truth.wallet.sold(symbol, size, there.minus(size));
  }
  truth.transfer(symbol, size.neg(), venueTime(schedule.world));
}
