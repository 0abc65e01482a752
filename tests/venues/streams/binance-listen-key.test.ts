import { afterAll, expect, test } from "bun:test";
import { createHurriedClock, followOverRelay, until } from "#tests/support/venues/stream-rig.ts";
import { startBinanceWorld } from "#tests/support/venues/stream-worlds.ts";

const world = startBinanceWorld();
afterAll(() => world.server.stop());

const renewals = () =>
  world.server.seen.filter(
    ({ method, url }) => method === "PUT" && url.pathname === "/fapi/v1/listenKey",
  ).length;

async function follow(pace: number) {
  const clock = createHurriedClock(pace);
  const followed = await followOverRelay(world.server, (loopback) =>
    world.connect(loopback, { clock }),
  );
  await until("following", () => followed.count("connected") === 1);
  return followed;
}

test("a listen key that the venue let expire is a lost stream, although its socket is alive", async () => {
  const followed = await follow(20);
  world.expire();
  await until("reconnected", () => followed.count("connected") === 2);
  expect(followed.lines[0]).toContain('"why":"ended by the venue"');
  await followed.close();
});

test("a host that is not on the venue's list is never connected to, nor named in the log", async () => {
  const clock = createHurriedClock(20);
  const followed = await followOverRelay(world.server, (loopback) =>
    world.connect(loopback, { clock, hosts: ["stream.example.com"] }),
  );
  await until("two tries", () => followed.lines.length >= 2);
  await followed.close();
  expect([followed.relay.opened, followed.rings]).toEqual([0, []]);
  expect(followed.lines.join()).not.toContain("fstream");
});

test("a listen key is renewed every twenty minutes, and no more once nobody follows", async () => {
  // Two seconds; faster, a slow machine would take every ping for lost.
  const followed = await follow(600);
  await until("renewed twice", () => renewals() >= 2);
  await followed.close();
  const before = renewals();
  await Bun.sleep(500);
  expect(renewals()).toBe(before);
}, 120_000);
