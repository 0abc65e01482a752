import type { Choices } from "./choices.ts";

/** Every way in which a venue, the host or a person misbehaves here. */
export const FAULTS = [
  // the network and the venue's answers
  ...([
    "requestLost",
    "answerLost",
    "lateLanding",
    "failsThenLands",
    "deliveredTwice",
    "slow",
    "outage",
  ] as const),
  ...(["error5xxBefore", "error5xxAfter", "html200", "emptyBody", "malformedJson"] as const),
  ...(["codeIn200", "unlistedCode", "rateLimited", "ipBan", "duplicateAnswer"] as const),
  // what a venue does with an order
  ...(["refusedMargin", "refusedReduceOnly", "partialFill", "nothingFilled", "lateFill"] as const),
  ...(["cancelLost", "restingFilledWhileCancelled"] as const),
  // what it says when asked
  ...([
    "lookupLags",
    "lookupFails",
    "lookupForgets",
    "fillsTruncated",
    "fillsTwice",
    "fillsShuffled",
    "foundOther",
  ] as const),
  ...(["stalePositions", "emptyPositions", "positionsFail"] as const),
  // how it changes the world
  ...(["frozen", "reduceOnlyMarket", "lotChanged", "hedgeMode", "keyRevoked"] as const),
  ...(["liquidation", "deleveraging", "tradeByHand", "silentChange", "sizeBelowMinimum"] as const),
  // the host
  ...(["crash", "crashInRecovery", "powerLoss", "diskFull", "storeBusy", "writeFails"] as const),
  ...(["clockAhead", "clockBehind", "stall", "oldBackup"] as const),
  // people
  ...(["doubleTap", "staleTap", "killInFlight", "haltInFlight", "closeInFlight"] as const),
  // coins and loans, where one leg is spot
  ...(["feeInCoins", "borrowRefused", "loanGrows"] as const),
  ...(["ownCoins", "coinsArrive", "coinsLeave", "coinsTradedByHand"] as const),
] as const;

/** The last ones; the others can strike any hedge. */
const SPOT_FAULTS = 7;

export type Fault = (typeof FAULTS)[number];

export interface Swarm {
  /** Draws once: does it strike here? False at once when the kind is off or faults are over. */
  strikes(fault: Fault): boolean;
  isOn(fault: Fault): boolean;
  reach(fault: Fault): void;
  /** From now on nothing new goes wrong. */
  end(): void;
  readonly reached: Uint32Array;
}

/** Each run draws which kinds are on and how often they strike, so that runs differ in character. */
export function drawSwarm(choices: Choices, kinds: number, onSpot: boolean): Swarm {
  const rates = new Map<Fault, number>();
  const reached = new Uint32Array(FAULTS.length);
  const common = FAULTS.length - SPOT_FAULTS;
  for (let index = 0; index < kinds; index += 1) {
    // Every other one is spot's own, where there is any.
    const at =
      onSpot && index % 2 === 0 ? common + choices.draw(SPOT_FAULTS) : choices.draw(common);
    const fault = FAULTS[at];
    if (fault) rates.set(fault, 60 + choices.draw(5) * 110);
  }
  const reach = (fault: Fault) => {
    const index = FAULT_INDEX.get(fault) ?? 0;
    reached[index] = (reached[index] ?? 0) + 1;
  };
  return {
    strikes(fault) {
      const rate = rates.get(fault);
      if (rate === undefined || !choices.chance(rate)) return false;
      reach(fault);
      return true;
    },
    isOn: (fault) => rates.has(fault),
    reach,
    end() {
      rates.clear();
    },
    reached,
  };
}

const FAULT_INDEX: ReadonlyMap<Fault, number> = new Map(
  FAULTS.map((fault, index) => [fault, index]),
);
