import { describe, expect, test } from "bun:test";
import { proposalCard } from "#src/telegram/cards/proposal-card.ts";
import { createDecidingRig } from "#tests/support/deciding-rig.ts";

async function cardOf({ pipeline, store }: Awaited<ReturnType<typeof createDecidingRig>>) {
  const facts = await pipeline.cardFacts(store.listProposals().at(-1)?.proposal.id ?? "");
  if (!facts) throw new Error("no card");
  const { text, keyboard } = proposalCard(facts, null);
  return { text, buttons: keyboard.inline_keyboard.flat().length };
}

describe("a card", () => {
  test("of a closed hedge says what was held, not that nothing is", async () => {
    const rig = await createDecidingRig({ assets: { AAA: "0.0003" } });
    await rig.openByTap("AAA");
    const open = (await cardOf(rig)).text;
    const held = /[\d.]+ AAA from [\d.]+/.exec(open)?.[0] ?? "nothing";
    await rig.pipeline.kill("owner");

    const { text, buttons } = await cardOf(rig);
    expect(text).toContain("⚪ Closed AAA");
    expect(text).toContain(`was ${held}`);
    expect(text).not.toMatch(/(?<![\d.])0 AAA/);
    expect(buttons).toBe(0);
  });

  test("that a stop took back says withdrawn, in words that everybody uses", async () => {
    const rig = await createDecidingRig({ assets: { AAA: "0.0003" } });
    await rig.pipeline.scan();
    rig.pipeline.halt("owner");

    const { text, buttons } = await cardOf(rig);
    expect(text).toContain("AAA hedge withdrawn");
    expect(text).not.toContain("superseded");
    expect(buttons).toBe(0);
    expect(rig.store.listProposals()[0]?.state).toBe("superseded");
  });

  test("of an open hedge says what its funding has to earn, and then since when it has", async () => {
    const rig = await createDecidingRig({ assets: { AAA: "0.0003" } });
    await rig.openByTap("AAA");
    const facts = await rig.pipeline.cardFacts(rig.store.listProposals()[0]?.proposal.id ?? "");
    if (!facts?.view) throw new Error("no card");
    expect(proposalCard(facts, null).text).toMatch(/Costs to earn +0\.\d\d USD/);
    const view = { ...facts.view, paidBackAt: "2026-02-03T04:05:00Z" };
    expect(proposalCard({ ...facts, view }, null).text).toMatch(
      /Costs earned +2026-02-03 04:05 UTC/,
    );
  });

  test("whose order found no price in its bounds says so, and what to do", async () => {
    const rig = await createDecidingRig({ assets: { AAA: "0.0003" } });
    await rig.openByTap("AAA");
    await rig.pipeline.kill("owner");
    const facts = await rig.pipeline.cardFacts(rig.store.listProposals().at(-1)?.proposal.id ?? "");
    if (!facts?.view) throw new Error("no card");
    const legs = facts.view.legs.map((leg) => ({ ...leg, entryPrice: null }));
    const stored = { ...facts.stored, state: "failed", reason: "cancelled" } as const;

    const { text } = proposalCard({ ...facts, stored, view: { ...facts.view, legs } }, null);

    expect(text).toContain("The price left the card's worst price before it could fill.");
    expect(text).toEndWith("Nothing is held. /open AAA asks anew.");
  });
});
