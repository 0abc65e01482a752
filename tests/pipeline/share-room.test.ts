import { expect, test } from "bun:test";
import { sum } from "#src/core/decimal.ts";
import { RetryableError } from "#src/core/errors.ts";
import { usd } from "#src/core/units.ts";
import { proposeReply } from "#src/telegram/replies/replies.ts";
import { openCheck } from "#tests/support/builders.ts";
import { createDecidingRig } from "#tests/support/deciding-rig.ts";
import { plannedHedge } from "#tests/support/trading-rig.ts";

/** Of 200,000 USD on both accounts: 150 USD for all hedges, and one is 99.40. */
const ROOM = "0.00075";

test("of two cards that fit one by one, the second tap is told that the room is taken", async () => {
  const { pipeline, store, hedges } = await createDecidingRig({ maxUtilisation: ROOM });
  await pipeline.proposeOpen({ asset: "AAA" }, "owner");
  await pipeline.proposeOpen({ asset: "BBB" }, "owner");
  const cards = store.listApprovals({ state: "pending" });
  store.transaction(() => {
    for (const { nonce } of cards) store.bindApprovalMessage(nonce, 1, 7);
  });

  const answers = await Promise.all(
    cards.map(({ nonce }) => pipeline.approve({ nonce, userId: 1, chatId: 1, messageId: 7 })),
  );
  await Promise.all(answers.map(({ done }) => done));

  expect(answers.map(({ kind }) => kind).toSorted()).toEqual(["denied", "opening"]);
  expect(answers.find(({ kind }) => kind === "denied")?.answer).toContain(
    "more than all hedges together may still add",
  );
  expect(hedges()).toHaveLength(1);
});

test("what a scan opens second is sized to what the first has left", async () => {
  const { pipeline, store, hedges, arm } = await createDecidingRig({
    maxUtilisation: ROOM,
    openWithoutModel: true,
  });
  arm();

  await pipeline.scan();

  expect(hedges()).toHaveLength(2);
  const plans = store
    .listProposals()
    .flatMap(({ proposal }) => (proposal.kind === "open" ? [proposal] : []));
  expect(plans.map(({ boundBy }) => boundBy).toSorted()).toEqual(["hardCapUsd", "utilisation"]);
  expect(sum(plans.map(({ legs }) => legs[0].notionalUsd)).lte("150")).toBe(true);
});

test("what is too little says which limit left it", async () => {
  const { pipeline } = await createDecidingRig({ maxUtilisation: "0.00005" });

  const answer = await pipeline.proposeOpen({ asset: "AAA" }, "owner");

  expect(answer).toEqual({ kind: "unavailable", reason: "BELOW_MINIMUM", boundBy: "utilisation" });
  expect(proposeReply(answer)).toContain("what all hedges may add up to");
});

test("what an opening of these seconds still takes is said to pass, and passes", async () => {
  const { venues, again, clock, openByTap } = await createDecidingRig();
  await openByTap("AAA");
  const beta = venues.get("beta");
  if (!beta) throw new Error("beta");
  // Shows already what AAA took; the reserve for it takes the same once more.
  const account = async () => ({ ...(await beta.account.account()), freeCollateralUsd: usd("40") });
  venues.set("beta", { ...beta, account: { ...beta.account, account } });
  const pipeline = await again();

  const atOnce = await pipeline.proposeOpen({ asset: "BBB" }, "owner");
  clock.jump(30_000);
  const later = await pipeline.proposeOpen({ asset: "BBB" }, "owner");

  expect(atOnce).toMatchObject({ boundBy: "freeMargin", justOpened: true });
  expect(proposeReply(atOnce)).toEndWith("Something was just opened: ask again in half a minute.");
  expect(later.kind).toBe("proposed");
});

test("a silent account counts for nothing: its share is not spent on the others", async () => {
  // Of 200,000 USD that answer, 60 USD; with gamma's 100,000 it would be 90.
  const { again } = await withSilentGamma({ maxUtilisation: "0.0003" });

  const answer = await (await again()).proposeOpen({ asset: "AAA" }, "owner");

  expect(answer).toMatchObject({ kind: "proposed", proposal: { boundBy: "utilisation" } });
});

test("the reserve is owed on what a silent account last held, too", async () => {
  const { again, store } = await withSilentGamma({});
  // A tenth of it and of the 200,000 that answer is more than all that is free there.
  store.transaction(() => store.setFact("equityByVenue", JSON.stringify({ gamma: "1900000" })));

  const answer = await (await again()).proposeOpen({ asset: "AAA" }, "owner");

  expect(answer).toEqual({ kind: "unavailable", reason: "BELOW_MINIMUM", boundBy: "reserve" });
});

test("what a hedge weighs on a silent account is not forgotten, nor guessed when it was never read", async () => {
  const { again, store, clock } = await withSilentGamma({ maxUtilisation: "0.15" });
  const pipeline = await again();
  const { proposal } = openCheck([
    { venue: "gamma", side: "short" },
    { venue: "beta", side: "long" },
  ]);
  store.transaction(() => {
    store.insertProposal(proposal, "hash");
    store.insertHedge(plannedHedge("H-9", proposal, clock.marketNow()));
  });
  const ask = () => pipeline.proposeOpen({ asset: "AAA" }, "owner");

  expect(await ask()).toEqual({ kind: "unavailable", reason: "EQUITY_UNKNOWN" });
  store.transaction(() => store.setFact("equityByVenue", JSON.stringify({ gamma: "100000" })));
  // Its 30,000 USD are all that hedges may be of the 200,000 that answer.
  expect(await ask()).toMatchObject({ reason: "BELOW_MINIMUM", boundBy: "utilisation" });
});

async function withSilentGamma(options: Parameters<typeof createDecidingRig>[0]) {
  const rig = await createDecidingRig(options);
  const beta = rig.venues.get("beta");
  if (!beta) throw new Error("beta");
  const nothing = async () => [];
  const silent = () => Promise.reject(new RetryableError("no answer"));
  rig.venues.set("gamma", {
    ...beta,
    id: "gamma",
    data: { ...beta.data, instruments: nothing, fundingRates: nothing },
    account: { ...beta.account, account: silent },
  });
  return rig;
}
