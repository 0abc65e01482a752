import { expect, test } from "bun:test";
import type { Found } from "./check-against-venues.ts";
import { tormentBots } from "./torment-bots.ts";

const BOTS = 4;
const KILLS_EACH = 50;

test("two hundred SIGKILLs lose no order, repeat none, and leave both legs equal", async () => {
  const { kills, inFlight, found, ...rest } = await tormentBots({
    ...{ seed: "sigkill", bots: BOTS, killsEach: KILLS_EACH },
  });
  const { orders, fills, foundAgain, provenDead } = addUp(found);
  const duplicates = found.flatMap((one) => one.duplicates);
  const lost = found.flatMap((one) => one.lost);
  const wrong = [...found.flatMap((one) => one.wrong), ...rest.mishaps];
  process.stdout.write(
    `kills=${kills} inFlight=${inFlight} orders=${orders} fills=${fills} foundAgain=${foundAgain} provenDead=${provenDead} duplicates=${duplicates.length} lost=${lost.length}\n`,
  );
  if (duplicates.length + lost.length + wrong.length > 0)
    process.stdout.write(rest.logs.join("\n"));

  expect(duplicates).toEqual([]);
  expect(lost).toEqual([]);
  expect(wrong).toEqual([]);
  for (const { exitCode, says } of rest.intruders) {
    expect(says).toContain("in use by another Hedgerow process");
    expect(exitCode).not.toBe(0);
  }
  // That it was worth anything: enough kills, enough of them in the middle of an order, enough trades.
  expect(kills).toBeGreaterThanOrEqual(200);
  expect(inFlight).toBeGreaterThanOrEqual(30);
  expect(fills).toBeGreaterThanOrEqual(60);
  expect(foundAgain).toBeGreaterThanOrEqual(20);
  expect(provenDead).toBeGreaterThanOrEqual(5);
}, 240_000);

function addUp(found: readonly Found[]) {
  const total = (name: "orders" | "fills" | "foundAgain" | "provenDead") =>
    found.reduce((sum, one) => sum + one[name], 0);
  return {
    orders: total("orders"),
    fills: total("fills"),
    foundAgain: total("foundAgain"),
    provenDead: total("provenDead"),
  };
}
