import { describe, expect, test } from "bun:test";
import { closeHedge } from "#src/execution/close-hedge.ts";
import { openHedge } from "#src/execution/open-hedge.ts";
import {
  admitHedge,
  createTradingRig,
  positionsOf,
  type TradingRig,
} from "#tests/support/trading-rig.ts";

/** The seven faults that a rival's executor was measured with: six of them left it naked. */
interface Fault {
  readonly name: string;
  readonly arrange: (rig: TradingRig) => void;
  readonly ends: {
    readonly outcome: "open" | "unwound";
    readonly positions: readonly [string, string];
  };
}

const OPENING: readonly Fault[] = [
  {
    name: "leg 2 rejected",
    arrange: ({ beta }) => beta.faults.push("rejected", "rejected"),
    ends: { outcome: "unwound", positions: ["0", "0"] },
  },
  {
    name: "leg 2 timed out but filled",
    arrange: ({ beta }) => beta.faults.push("answerLost"),
    ends: { outcome: "open", positions: ["-0.5", "0.5"] },
  },
  {
    name: "leg 2 filled to 60 %",
    arrange: ({ market }) => market.setDepth("beta", "0.1"),
    // Its first order takes 0.3, the next one what the book gives again.
    ends: { outcome: "open", positions: ["-0.3", "0.3"] },
  },
  {
    name: "leg 1 filled to 60 %",
    arrange: ({ market }) => market.setDepth("alpha", "0.1"),
    ends: { outcome: "open", positions: ["-0.3", "0.3"] },
  },
  {
    name: "leg 1 filled in part, its completion rejected",
    arrange: ({ market, alpha }) => {
      market.setDepth("alpha", "0.1");
      alpha.faults.push("none", "rejected", "rejected");
    },
    ends: { outcome: "open", positions: ["-0.3", "0.3"] },
  },
  {
    name: "leg 1 timed out but filled",
    arrange: ({ alpha }) => alpha.faults.push("answerLost"),
    ends: { outcome: "open", positions: ["-0.5", "0.5"] },
  },
];

describe("of seven faults none ends naked, and each is reported as it is", () => {
  test.each(OPENING)("$name", async ({ arrange, ends }) => {
    const rig = createTradingRig();
    arrange(rig);

    const { outcome, hedge } = await openHedge(rig.context, admitHedge(rig));

    const positions = await positionsOf(rig);
    expect({ outcome, positions }).toEqual({
      outcome: ends.outcome,
      positions: [...ends.positions],
    });
    expect(hedge.phase).toBe(outcome === "open" ? "open" : "closed");
    expect(hedge.legs.map((leg) => leg.heldBase.toFixed())).toEqual(
      positions.map((size) => size.replace("-", "")),
    );
  });

  test("exit: leg 2 rejected", async () => {
    const rig = createTradingRig();
    const { hedge } = await openHedge(rig.context, admitHedge(rig));
    rig.beta.faults.push("rejected", "rejected");

    const { outcome } = await closeHedge(rig.context, { hedge });

    expect({ outcome, positions: await positionsOf(rig) }).toEqual({
      outcome: "closed",
      positions: ["0", "0"],
    });
  });
});
