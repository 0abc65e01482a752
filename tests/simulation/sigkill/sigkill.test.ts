import { expect, test } from "bun:test";
import { type Torment, tormentBots } from "./torment-bots.ts";

const BOTS = 4;
const KILLS_EACH = 50;

test("two hundred SIGKILLs lose no order, repeat none, and leave both legs equal", async () => {
  const seen = await tormentBots({ seed: "sigkill", bots: BOTS, killsEach: KILLS_EACH });
  const { kills, inFlight, found } = seen;
  const [orders, fills] = [sumOf(seen, "orders"), sumOf(seen, "fills")];
  const duplicates = found.flatMap((one) => one.duplicates);
  const lost = found.flatMap((one) => one.lost);
  process.stdout.write(
    `kills=${kills} inFlight=${inFlight} orders=${orders} fills=${fills} duplicates=${duplicates.length} lost=${lost.length}\n`,
  );

  expect(duplicates).toEqual([]);
  expect(lost).toEqual([]);
  expect(found.flatMap((one) => one.wrong)).toEqual([]);
  expect(seen.mishaps).toEqual([]);
  for (const { exitCode, says } of seen.intruders) {
    expect(says).toContain("in use by another Hedgerow process");
    expect(exitCode).not.toBe(0);
  }
  // That it was worth anything: enough kills, enough of them in the middle of an order, enough trades.
  expect(kills).toBeGreaterThanOrEqual(200);
  expect(inFlight).toBeGreaterThanOrEqual(50);
  expect(fills).toBeGreaterThanOrEqual(100);
}, 180_000);

function sumOf({ found }: Torment, name: "orders" | "fills"): number {
  return found.reduce((total, one) => total + one[name], 0);
}
