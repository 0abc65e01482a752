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
  test("show every guard value and what decides about a trade, short enough for a phone", () => {
    const text = reply();
    for (const name of ["equityShare", "distOrange", "minVolume24hUsd", "negativeTolerance8h"])
      expect(text).toContain(name);
    expect(text).toContain("Every value is the default.");
    expect(text.length).toBeLessThan(4_000);
    const rows = text.split("\n").filter((row) => /^\w+ {2,}/.test(row));
    expect(rows.length).toBeGreaterThan(20);
    for (const row of rows) expect(row.length).toBeLessThanOrEqual(44);
  });

  test("mark what was tightened, and say what it usually is", () => {
    const text = reply({ limits: { maxLeverage: "4" } });
    expect(text).toMatch(/maxLeverage \* +4 x/);
    expect(text).toContain("limits.maxLeverage (10)");
  });

  test("of one table say what each means", () => {
    expect(reply({}, "Exit")).toContain("maxAgeDays = 60 d: older hedges must be approved again");
    expect(reply({}, "nothing")).toContain("There is no table nothing. There are: limits");
  });
});
