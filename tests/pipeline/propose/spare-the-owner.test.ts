import { describe, expect, test } from "bun:test";
import { canonicalHash } from "#src/core/canonical-hash.ts";
import { createAttackRig } from "#tests/agent-evals/attack-rig.ts";
import { openCheck } from "#tests/support/builders.ts";

const DAY_MS = 86_400_000;

/** Assets on both venues, so that a model has something to ask for. */
const MANY = Array.from({ length: 14 }, (_, index) => `Z${index}`);
const openMany = () => createAttackRig(MANY.map((asset) => ({ asset, symbol: `${asset}-PERP` })));

type Rig = Awaited<ReturnType<typeof openMany>>;

const asked = async ({ pipeline }: Rig, asset: string, source: "agent" | "owner" = "agent") => {
  const result = await pipeline.proposeOpen({ asset }, source);
  return result.kind === "unavailable" ? result.reason : result.kind;
};

/** The owner says no to the card of this asset. */
function decline({ store, pipeline }: Rig, asset: string): void {
  const card = store
    .listProposals({ states: ["awaiting"] })
    .find((one) => one.proposal.asset === asset);
  const [approval] = store.listApprovals({ subjectId: card?.proposal.id ?? "", state: "pending" });
  const nonce = approval?.nonce ?? "";
  store.transaction(() => store.bindApprovalMessage(nonce, 1, 7));
  const tap = { nonce, userId: 1, chatId: 1, messageId: 7 };
  expect(pipeline.decline(tap).kind).toBe("declined");
}

describe("a model that asks for cards", () => {
  test("has three at once and gets no fourth, but the same one again; owners get theirs", async () => {
    const rig = await openMany();
    for (const asset of ["Z0", "Z1", "Z2"]) expect(await asked(rig, asset)).toBe("proposed");
    expect(await asked(rig, "Z3")).toBe("TOO_MANY_CARDS");
    expect(await asked(rig, "Z1")).toBe("alreadyWaiting");
    expect(await asked(rig, "Z3", "owner")).toBe("proposed");
    rig.clock.jump(121_000);
    expect(await asked(rig, "Z4")).toBe("proposed");
  });

  test("has no more of them by asking at the same time, and one for an asset whoever asks", async () => {
    const rig = await openMany();
    const all = ["Z0", "Z0", "Z1", "Z2", "Z3", "Z4"].map((asset) => asked(rig, asset));
    const kinds = (await Promise.all(all)).toSorted();
    expect(kinds.filter((kind) => kind === "proposed")).toHaveLength(3);
    const [one, other] = await Promise.all([asked(rig, "Z9", "owner"), asked(rig, "Z9", "owner")]);
    expect([one, other].toSorted()).toEqual(["alreadyWaiting", "proposed"]);
    const waiting = rig.store.listProposals({ states: ["awaiting"] });
    expect(new Set(waiting.map(({ proposal }) => proposal.asset)).size).toBe(waiting.length);
  });

  test("is not held back by cards that it did not ask for", async () => {
    const rig = await openMany();
    for (const asset of ["Z0", "Z1", "Z2"])
      expect(await asked(rig, asset, "owner")).toBe("proposed");
    expect(await asked(rig, "Z3")).toBe("proposed");
  });

  test("has ten a day", async () => {
    const rig = await openMany();
    for (const asset of MANY.slice(0, 10)) {
      expect(await asked(rig, asset)).toBe("proposed");
      rig.clock.jump(121_000);
    }
    expect(await asked(rig, "Z10")).toBe("TOO_MANY_CARDS");
    expect(await asked(rig, "Z10", "owner")).toBe("proposed");
    rig.clock.jump(DAY_MS);
    expect(await asked(rig, "Z11")).toBe("proposed");
  });

  test("is not heard about an asset for half an hour after the owner declined it twice", async () => {
    const rig = await openMany();
    for (const _ of [1, 2]) {
      expect(await asked(rig, "Z0")).toBe("proposed");
      decline(rig, "Z0");
    }
    expect(await asked(rig, "Z0")).toBe("DECLINED_LATELY");
    expect(await asked(rig, "Z1")).toBe("proposed");
    expect(await asked(rig, "Z0", "owner")).toBe("proposed");
    rig.clock.jump(29 * 60_000);
    expect(await asked(rig, "Z0")).toBe("DECLINED_LATELY");
    rig.clock.jump(4 * 60_000);
    expect(await asked(rig, "Z0")).toBe("proposed");
  });

  test("may always ask to close", async () => {
    const rig = await openMany();
    const { pipeline, store, clock } = rig;
    await pipeline.proposeOpen({ asset: "BTC" }, "owner");
    await rig.tap();
    for (const asset of ["Z0", "Z1", "Z2"]) expect(await asked(rig, asset)).toBe("proposed");
    store.transaction(() => {
      for (const id of ["P-x", "P-y"]) {
        const expiresAt = clock.wallNow();
        const proposal = { ...openCheck().proposal, id, expiresAt };
        store.insertProposal(proposal, canonicalHash(proposal));
        store.setProposalState(id, "declined");
      }
    });
    expect((await pipeline.proposeClose("BTC", "agent")).kind).toBe("proposed");
    expect((await pipeline.proposeClose("BTC", "agent")).kind).toBe("alreadyWaiting");
  });
});
