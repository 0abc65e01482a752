import { afterEach, describe, expect, test } from "bun:test";
import { startHibachi } from "#tests/support/venues/hibachi-rig.ts";
import { HibachiWorld } from "#tests/support/venues/hibachi-world.ts";
import { killVenue } from "#tests/support/venues/kill-venue.ts";
import type { ScriptedVenue } from "#tests/support/venues/scripted-venue.ts";

const rigs: ScriptedVenue[] = [];
afterEach(() => Promise.all(rigs.splice(0).map((rig) => rig.server.stop())));

async function kill(world: HibachiWorld) {
  const rig = await startHibachi(world.answers);
  rigs.push(rig);
  return { rig, ...(await killVenue(rig)) };
}

const placed = (rig: ScriptedVenue) =>
  rig.asked("POST /trade/order").filter(({ url }) => url.pathname === "/trade/order");

describe("/kill on Hibachi", () => {
  test.each(["0.0139", "-0.0139"])(
    "makes a position of %s flat with plain reduce-only orders",
    async (held) => {
      const world = new HibachiWorld(held, "1");
      const { flat, rig, open } = await kill(world);
      expect([flat, world.position.toFixed(), open]).toEqual([true, "0", 0]);
      const flags = placed(rig).map(({ body }) => JSON.parse(body).orderFlags);
      expect(flags).toEqual(["REDUCE_ONLY"]);
    },
  );

  test("closes what a thin book leaves, and leaves no rest of it behind", async () => {
    const world = new HibachiWorld("0.0139", "0.005");
    const { flat, rig, open } = await kill(world);
    expect([flat, world.position.toFixed(), open]).toEqual([true, "0", 0]);
    expect(placed(rig)).toHaveLength(3);
    expect(world.orders.map((one) => one.status)).toEqual(["CANCELLED", "CANCELLED", "FILLED"]);
  });

  test("takes off every order that rests, whoever placed it", async () => {
    const world = new HibachiWorld("0", "1");
    world.rest({});
    world.rest({ side: "ASK", triggerPrice: "90000" });
    const { flat, rig } = await kill(world);
    expect(flat).toBe(true);
    expect(world.orders.map((one) => one.status)).toEqual(["CANCELLED", "CANCELLED"]);
    expect(rig.asked("POST /trade/orders")).toHaveLength(1);
  });
});
