import { describe, expect, test } from "bun:test";
import { loadSettings } from "#config/load.ts";
import { rulesInForce } from "#src/main/rules-in-force.ts";
import { rulesReply } from "#src/telegram/replies/rules-reply.ts";
import { writeSettings } from "#tests/support/write-settings.ts";

function reply(over: Readonly<Record<string, unknown>> = {}, wanted = ""): string {
  const { settings } = loadSettings("operator", writeSettings(over));
  return rulesReply(rulesInForce(settings).inForce, wanted).text;
}

describe("the rules in force", () => {
  test("show every guard value and what decides about a trade, narrow enough for a phone", () => {
    const text = reply();
    for (const row of [
      /^equity share +80 %$/m,
      /^dist orange +10 %$/m,
      /^absolute cap +50,000 USD$/m,
      /^min volume 24h +100M USD$/m,
      /^max bid ask +0.02 %$/m,
      /^negative tolerance +−1 bp\/8h$/m,
      /^seed2 per 10k +0.1 bp\/8h$/m,
      /^min net APR on capital +5 % a year$/m,
      /^equal base exact +yes$/m,
    ])
      expect(text).toMatch(row);
    expect(text).toContain("Every value is the default.");
    expect(text.length).toBeLessThan(4_000);
    const rows = text.split("\n").filter((row) => /^[\w ]+ {2,}/.test(row));
    expect(rows.length).toBeGreaterThan(20);
    for (const row of rows) expect(row.length).toBeLessThanOrEqual(36);
  });

  test("mark what was tightened, and say what it usually is", () => {
    const text = reply({ limits: { maxLeverage: "4" } });
    expect(text).toMatch(/max leverage \* +4×/);
    expect(text).toContain("limits.maxLeverage (10×)");
    expect(reply({ limits: { maxLeverage: "4" } }, "limits")).toContain(
      "maxLeverage: 4×, usually 10× (guard)\nmost leverage of a leg",
    );
  });

  test("of one table say what each means", () => {
    expect(reply({}, "Exit")).toContain("maxAgeDays: 60 days\nolder hedges must be approved again");
    expect(reply({}, "execution")).toContain("makerWaitMs: 30 s\n");
    expect(reply({}, "nothing")).toContain("There is no table nothing. There are: guard, limits");
  });

  test("of the guard name every value with its table", () => {
    const text = reply({}, "guard");
    expect(text).toContain("limits.hardCapUsd: 100 USD (guard)\nmost of one leg");
    expect(text).toContain("margin.ratioOrange: 2× (guard)");
    expect(text).not.toContain("entry.");
  });
});
