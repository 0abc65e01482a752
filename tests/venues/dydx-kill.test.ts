import { afterEach, describe, expect, test } from "bun:test";
import { startDydx } from "#tests/support/venues/dydx-rig.ts";
import { DydxWorld } from "#tests/support/venues/dydx-world.ts";
import { killVenue } from "#tests/support/venues/kill-venue.ts";
import type { ScriptedVenue } from "#tests/support/venues/scripted-venue.ts";

const rigs: ScriptedVenue[] = [];
afterEach(() => Promise.all(rigs.splice(0).map((rig) => rig.server.stop())));

async function kill(world: DydxWorld) {
  const rig = await startDydx(world.answers);
  rigs.push(rig);
  return { rig, ...(await killVenue(rig)) };
}

describe("/kill on dYdX", () => {
  test.each(["0.407", "-0.407"])("makes a position of %s flat", async (held) => {
    const world = new DydxWorld(held, "1");
    const { flat, open } = await kill(world);
    expect([flat, world.position.toFixed(), open]).toEqual([true, "0", 0]);
    expect(world.orders.map((one) => [one.reduceOnly, one.status])).toEqual([[true, "FILLED"]]);
  });

  test("closes what a thin book leaves, once the block of each order is over", async () => {
    const world = new DydxWorld("0.407", "0.3");
    const { flat, open } = await kill(world);
    expect([flat, world.position.toFixed(), open]).toEqual([true, "0", 0]);
    expect(world.orders).toHaveLength(2);
  });

  test("closes in the end what first found an empty book, and proves that first order dead", async () => {
    const world = new DydxWorld("-0.407", "1");
    world.emptyBooks = 1;
    const { flat, open } = await kill(world);
    expect([flat, world.position.toFixed(), open]).toEqual([true, "0", 0]);
  });

  test("takes off every order that rests", async () => {
    const world = new DydxWorld("0", "1");
    world.rest({ clientId: "1" });
    world.rest({ clientId: "2", orderFlags: "64", goodTilBlock: undefined });
    const { flat } = await kill(world);
    expect(flat).toBe(true);
    expect(world.orders.map((one) => one.status)).not.toContain("OPEN");
  });
});
