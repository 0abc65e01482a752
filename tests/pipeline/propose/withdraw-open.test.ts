import { describe, expect, test } from "bun:test";
import { createDecidingRig } from "#tests/support/deciding-rig.ts";

type Rig = Awaited<ReturnType<typeof createDecidingRig>>;

const states = ({ store }: Rig) =>
  store
    .listProposals()
    .map(({ proposal, state }) => `${proposal.asset} ${state}`)
    .reverse();
const waiting = ({ store }: Rig) =>
  store
    .listApprovals({ state: "pending" })
    .map(({ subjectId }) => store.getProposal(subjectId)?.proposal.asset);
const redrawn = ({ store }: Rig) =>
  store
    .dueOutbox(Number.MAX_SAFE_INTEGER, 1_000)
    .flatMap(({ content }) => (content.type === "cardUpdate" ? [content.proposalId] : []));

describe("a card that waits for its tap", () => {
  test("is withdrawn when the mandate opens its asset, and cards of others stay", async () => {
    const rig = await createDecidingRig({ assets: { AAA: "0.0003", BBB: "0.0002" } });
    await rig.pipeline.scan();
    expect(waiting(rig)).toEqual(["AAA", "BBB"]);
    const [, card] = rig.store.listProposals();
    rig.arm({ assets: ["AAA"] });
    await rig.pipeline.scan();

    expect(rig.hedges()).toEqual(["AAA open"]);
    expect(states(rig)).toEqual(["AAA superseded", "BBB awaiting", "AAA executed"]);
    expect(waiting(rig)).toEqual(["BBB"]);
    expect(redrawn(rig)).toContain(card?.proposal.id ?? "");
  });

  test("cannot be approved after that", async () => {
    const rig = await createDecidingRig({ assets: { AAA: "0.0003" } });
    await rig.pipeline.scan();
    const [approval] = rig.store.listApprovals({ state: "pending" });
    rig.arm();
    await rig.pipeline.scan();
    const tap = { nonce: approval?.nonce ?? "", userId: 1, chatId: 1, messageId: 7 };

    expect((await rig.pipeline.approve(tap)).kind).toBe("withdrawn");
    expect(rig.hedges()).toEqual(["AAA open"]);
  });
});
