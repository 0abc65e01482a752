import { dec, floorToStep, ZERO } from "#src/core/decimal.ts";
import { isSpotSymbol } from "#src/core/instrument.ts";
import { baseSize } from "#src/core/units.ts";
import type { Fault } from "./faults.ts";
import { atSomeMoment, type Cause, touch } from "./moments.ts";
import { venueTime } from "./process.ts";
import type { Schedule } from "./run-schedule.ts";
import type { VenueMood } from "./sim-venue.ts";
import { SPOT_CAUSES, takeCoins } from "./spot-trouble.ts";

/** What venues, the host and the owner do by themselves while the engine works. */
export function scheduleTrouble(schedule: Schedule): void {
  for (const [fault, cause] of Object.entries({ ...CAUSES, ...SPOT_CAUSES })) {
    if (schedule.swarm.isOn(fault as Fault)) cause(schedule);
  }
  ownerActs(schedule);
  watchCuts(schedule);
}

const CAUSES: Partial<Record<Fault, Cause>> = {
  frozen: window("frozen", "frozenUntilMs", true),
  reduceOnlyMarket: window("reduceOnlyMarket", "reduceOnlyUntilMs", false),
  hedgeMode: window("hedgeMode", "hedgeModeUntilMs", false),
  keyRevoked: window("keyRevoked", "keyRevokedUntilMs", true),
  lotChanged: (schedule) =>
    atSomeMoment(schedule, "lotChanged", () => changeLimits(schedule, "lot")),
  sizeBelowMinimum: (schedule) =>
    atSomeMoment(schedule, "sizeBelowMinimum", () => changeLimits(schedule, "minimum")),
  liquidation: (schedule) =>
    atSomeMoment(schedule, "liquidation", () => takePosition(schedule, "liquidation", "1")),
  deleveraging: (schedule) =>
    atSomeMoment(schedule, "deleveraging", () => takePosition(schedule, "deleveraging", "0.4")),
  tradeByHand: (schedule) =>
    atSomeMoment(schedule, "tradeByHand", () => takePosition(schedule, "order", "0.3")),
  silentChange: (schedule) =>
    atSomeMoment(schedule, "silentChange", () => {
      if (takePosition(schedule, null, "0.5")) touch(schedule);
    }),
  diskFull: (schedule) =>
    atSomeMoment(schedule, "diskFull", () => {
      schedule.diskFullUntilMs = schedule.world.nowMs + 1_000 + schedule.choices.draw(20) * 1_000;
      excuse(schedule, schedule.diskFullUntilMs);
    }),
  storeBusy: (schedule) =>
    atSomeMoment(schedule, "storeBusy", () => {
      schedule.busyOnce = true;
    }),
  clockAhead: (schedule) => atSomeMoment(schedule, "clockAhead", () => stepClock(schedule, 30_000)),
  clockBehind: (schedule) =>
    atSomeMoment(schedule, "clockBehind", () => stepClock(schedule, -30_000)),
  stall: (schedule) =>
    atSomeMoment(schedule, "stall", () => {
      const untilMs = schedule.world.nowMs + 1_000 + schedule.choices.draw(9) * 1_000;
      if (schedule.process) schedule.process.stalledUntilMs = untilMs;
      excuse(schedule, untilMs);
    }),
  oldBackup: (schedule) =>
    atSomeMoment(schedule, "oldBackup", () => {
      schedule.beyondUs.booksForgot = true;
      schedule.loseAtRestart = 1 + schedule.choices.draw(5);
      schedule.process?.die();
    }),
};

function window(fault: Fault, field: keyof VenueMood, mayStay: boolean): Cause {
  return (schedule) => {
    const { choices, world, moods, truths } = schedule;
    const index = choices.draw(2) === 0 ? 0 : 1;
    const [mood, truth] = [moods[index], truths[index]];
    const stays = mayStay && choices.draw(8) === 7;
    const lengthMs = 1_000 + choices.draw(40) * 1_000;
    atSomeMoment(schedule, fault, () => {
      mood[field] = stays ? Number.POSITIVE_INFINITY : world.nowMs + lengthMs;
      if (stays) schedule.beyondUs.gone.add(truth);
    });
  };
}

function changeLimits({ truths, choices }: Schedule, what: "lot" | "minimum"): void {
  const truth = truths[choices.draw(2) === 0 ? 0 : 1];
  for (const [symbol, one] of truth.instruments) {
    // What is below a smallest order counts as nothing on spot: there it grows by less.
    const [lot, least] = one.kind === "spot" ? ["0.001", "0.002"] : ["0.1", "0.25"];
    const changed =
      what === "lot" ? { lotStepBase: baseSize(lot) } : { minSizeBase: baseSize(least) };
    truth.instruments.set(symbol, { ...one, ...changed });
  }
}

/** A part of a position goes, by the venue or by hand; a hand may also add to it. */
function takePosition(
  schedule: Schedule,
  cause: "liquidation" | "deleveraging" | "order" | null,
  share: string,
): boolean {
  const { choices, markets, world } = schedule;
  const legs = markets[0]?.legs;
  const leg = legs?.[choices.draw(2) === 0 ? 0 : 1];
  if (!leg) return false;
  const { truth, symbol } = leg;
  const held = truth.position(symbol);
  // Nobody liquidates or deleverages coins that are paid for.
  if (isSpotSymbol(symbol) && cause !== "liquidation")
    return takeCoins(schedule, leg, cause, share);
  if (isSpotSymbol(symbol) && held.gte(ZERO)) return false;
  const lot = truth.instruments.get(symbol)?.lotStepBase ?? dec("0.01");
  const size = floorToStep(held.abs().times(share), lot);
  if (size.eq(ZERO)) return false;
  const adds = cause === "order" && choices.draw(4) === 3;
  // Nobody but the hand that added it may take it away.
  if (adds) touch(schedule);
  const side = held.gt(ZERO) === adds ? "buy" : "sell";
  if (isSpotSymbol(symbol)) {
    truth.wallet.loanTaken(symbol);
    // What an order that is on its way buys as well is left over.
    if (schedule.store.hasLiveAttempts()) truth.wallet.camePerhaps(symbol, size);
  }
  truth.trade(symbol, side, size, cause, `by-${cause ?? "nobody"}`, venueTime(world));
  return true;
}

function stepClock(schedule: Schedule, byMs: number): void {
  schedule.wallOffsetMs = byMs;
  // A second step makes what was written before it look older still.
  schedule.observer.wallOffsetMs = Math.min(0, schedule.observer.wallOffsetMs) - Math.abs(byMs);
  if (schedule.process) schedule.process.wallOffsetMs = byMs;
}

/** Most owners leave the hedge open; some close it, halt, or /kill at a bad moment. */
function ownerActs(schedule: Schedule): void {
  const { choices, swarm, assets, observer, world, store } = schedule;
  const early = () => 110 + choices.draw(40) * 25;
  let killAt: number | null = null;
  if (swarm.strikes("killInFlight") || choices.draw(8) === 7) {
    swarm.reach("killInFlight");
    killAt = choices.draw(2) === 0 ? early() : 5_000 + choices.draw(40) * 1_000;
    schedule.askUntilDone(
      killAt,
      () => store.tradingState() === "halted",
      (life) => {
        observer.killAskedMs = world.nowMs;
        life.kill();
      },
    );
  }
  if (swarm.strikes("haltInFlight")) schedule.ask(early(), (life) => life.halt());
  const closing = choices.draw(4) === 3;
  if (!closing && !swarm.strikes("closeInFlight")) return;
  const alone = closing ? 10_000 + choices.draw(30) * 1_000 : early();
  // Who taps Close may lose patience, and the other way round.
  const meets = killAt !== null && choices.draw(3) === 2;
  const at = meets ? Math.max(110, (killAt ?? 0) - 100 + choices.draw(10) * 20) : alone;
  for (const asset of assets) schedule.ask(at, (life) => life.close(`H-${asset}`));
}

/** In some runs margins shrink, and the watch cuts both legs: once or more, sometimes twice at the same moment. */
function watchCuts(schedule: Schedule): void {
  const { choices, assets } = schedule;
  const times = choices.draw(4) === 3 ? 1 + choices.draw(3) : 0;
  for (let time = 0; time < times; time += 1) {
    const at =
      choices.draw(2) === 0 ? 500 + choices.draw(40) * 100 : 5_000 + choices.draw(40) * 1_000;
    const share = dec(String(1 + choices.draw(9))).div("10");
    const calls = choices.draw(4) === 3 ? 2 : 1;
    for (const asset of assets) {
      for (let call = 0; call < calls; call += 1) {
        schedule.ask(at, (life) => life.cut(`H-${asset}`, share));
      }
    }
  }
}

/** Nothing can be written until then: /kill's two seconds begin there. */
function excuse({ observer }: Schedule, untilMs: number): void {
  observer.excusedUntilMs = Math.max(observer.excusedUntilMs, untilMs);
}
