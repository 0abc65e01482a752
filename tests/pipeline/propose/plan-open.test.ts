import { expect, test } from "bun:test";
import { createDecidingRig } from "#tests/support/deciding-rig.ts";

test("a pair that was found minutes ago is judged by what it pays now", async () => {
  const { pipeline, market, clock, store } = await createDecidingRig();
  const [found] = (await pipeline.opportunities("AAA")).opportunities;
  if (!found) throw new Error("nothing found");
  expect(found.worthwhile).toBe(true);
  clock.jump(5 * 60_000);
  market.setRate("AAA", "-0.0001");

  const answer = await pipeline.proposeOpen({ candidateId: found.candidateId }, "owner");

  if (answer.kind !== "proposed" || answer.proposal.kind !== "open") throw new Error(answer.kind);
  const { spread8h, worthwhile } = answer.proposal;
  expect([spread8h.toFixed(), worthwhile]).toEqual(["-0.0008", false]);
  expect(store.listHedges()).toEqual([]);
});
