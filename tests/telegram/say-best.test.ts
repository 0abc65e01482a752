import { expect, test } from "bun:test";
import { sayBest } from "#src/telegram/say-best.ts";
import { createDecidingRig } from "#tests/support/deciding-rig.ts";

test("/best says that an armed mandate waits for its minutes, and until when", async () => {
  const { pipeline: whole, arm } = await createDecidingRig();
  const decision = (outcome: string, paymentAt: string) => ({
    ...{ at: "2026-02-02T10:30:00Z", kind: "open", asset: "AAA", outcome },
    detail: { paymentAt },
  });
  const told = async (outcome: string, paymentAt: string) => {
    const pipeline = { ...whole, explain: () => [decision(outcome, paymentAt)] };
    return (await sayBest(pipeline)).text;
  };
  const waits = ["WAITS_FOR_WINDOW", "2026-02-02T16:00:00Z"] as const;
  expect(await told(...waits)).toEndWith("long beta. /open AAA proposes it.");

  arm();

  expect(await told(...waits)).toEndWith(
    "The mandate waits for the minutes before the payment at 16:00 UTC to open it; /open AAA proposes it now.",
  );
  expect(await told("WAITS_FOR_WINDOW", "2026-02-02T08:00:00Z")).toContain("the payment to open");
  expect(await told("denied", "")).toEndWith("long beta. /open AAA proposes it.");
});

test("/best names the best of what is not open yet, and says why an armed mandate leaves it", async () => {
  const { pipeline, arm, openByTap, store: rigStore } = await createDecidingRig();
  await openByTap("AAA");
  const held = (await sayBest(pipeline)).text;
  expect(held).toContain("● AAA");
  expect(held).toEndWith("Best: BBB, short alpha, long beta. /open BBB proposes it.");

  pipeline.halt("test");
  const stopped = (await sayBest(pipeline)).text;
  expect(stopped).toEndWith("Nothing opens before /resume; it asks you first.");
  // As before the first /resume with real money, where nothing was halted.
  rigStore.transaction(() => rigStore.setTradingState("reducing"));
  expect((await sayBest(pipeline)).text).toBe(stopped);
  expect(stopped).not.toContain("halted");
  rigStore.transaction(() => rigStore.setTradingState("active"));
  arm({ opensPerDay: 1 });
  await pipeline.scan();
  expect((await sayBest(pipeline)).text).toEndWith(
    "All that is worth doing is open already; /hedges shows it.",
  );
});
