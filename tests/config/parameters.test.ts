import { describe, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { z } from "zod";
import { loadSettings } from "#config/load.ts";
import { listParameters } from "#config/schema.ts";
import settingsToml from "#config/settings.toml" with { type: "text" };
import { CEILINGS } from "#src/guard/limits.ts";
import { writeSettings } from "#tests/support/write-settings.ts";
import reference from "./reference-parameters.json";

const KINDS = { guard: "G", configuration: "C", advisory: "A" } as const;
const parameters = listParameters();

/** Settings that count in larger or smaller steps than the reference does. */
const PER_UNIT: Readonly<Record<string, number>> = {
  ...{ "schedule.scanMinutes": 60, "execution.makerWaitMs": 0.001 },
};
/** On purpose: every asset, not the three of the reference. */
const OTHER_DEFAULTS: Readonly<Record<string, unknown>> = { "entry.assets": [] };

const settings = z.record(z.string(), z.unknown()).parse(Bun.TOML.parse(settingsToml));

function inSettings(setting: string): unknown {
  const [table = "", name = ""] = setting.split(".");
  return z.record(z.string(), z.unknown()).parse(settings[table])[name];
}

function refusal(over: Readonly<Record<string, unknown>>): string {
  try {
    loadSettings("operator", writeSettings(over));
  } catch (error) {
    if (error instanceof Error && error.name === "OperatorError") return error.message;
  }
  throw new Error("it was accepted");
}

describe("the reference list of parameters", () => {
  test.each(reference)("$key is a setting with its default, unit and kind", (known) => {
    const found = parameters.filter(({ key }) => key === known.key);
    expect(found.length).toBeGreaterThan(0);
    for (const { setting, kind, value, unit } of found) {
      expect(KINDS[kind]).toBe(known.kind as "G");
      expect(asPlain(value, setting)).toEqual(OTHER_DEFAULTS[setting] ?? known.default);
      const isAlike = PER_UNIT[setting] !== undefined || SAME_UNIT[unit]?.includes(known.unit);
      expect(`${setting} in ${unit}: ${isAlike}`).toBe(`${setting} in ${unit}: true`);
    }
  });

  test("no declaration names a key that is not in it", () => {
    const keys = new Set(reference.map(({ key }) => key));
    expect(parameters.filter(({ key }) => key !== null && !keys.has(key))).toEqual([]);
  });
});

/** Our word for a unit, and the words that the reference has for it. */
const SAME_UNIT: Readonly<Record<string, readonly string[]>> = {
  fraction: ["fraction", "fraction/leg", "of total equity", "price move", "move"],
  "a year": ["fraction"],
  ...{ USD: ["USD", "USD/leg"], x: ["x"], "-": ["-"], count: ["count"], "per 8h": ["per 8h"] },
  ...{ s: ["s"], min: ["min"], h: ["h"], d: ["d"], ms: [] },
};

function asPlain(value: unknown, setting: string): unknown {
  if (Array.isArray(value)) return value.map(Number);
  if (typeof value === "boolean") return value;
  return Number(value) * (PER_UNIT[setting] ?? 1);
}

describe("settings.toml", () => {
  test.each(parameters)("says $setting, with its default", ({ setting, value }) => {
    expect(inSettings(setting)).toEqual(value);
  });

  test("marks what is a guard's, and nothing else", () => {
    const marked = settingsToml.matchAll(/^(\w+) = .*# \(guard\)/gm);
    const guarded = parameters.filter(({ kind }) => kind === "guard");
    expect([...marked].map(([, name]) => name).sort()).toEqual(
      guarded.map(({ setting }) => setting.split(".")[1]).sort(),
    );
  });

  test("as an earlier version wrote it still loads, with the defaults for what it did not know", () => {
    const file = writeSettings({});
    const old = Object.fromEntries(
      Object.entries(settings).filter(([table]) => !NEW_TABLES.includes(table)),
    );
    writeFileSync(file, Bun.TOML.stringify({ ...old, ...OLD_TABLES }));

    const { settings: loaded } = loadSettings("operator", file);
    expect(loaded).toEqual(loadSettings("operator").settings);
  });
});

const NEW_TABLES = [
  ...([
    "allocation",
    "filter",
    "rotate",
    "flip",
    "rebalance",
    "margin",
    "borrow",
    "stops",
  ] as const),
  ...(["report"] as const),
] as readonly string[];
const OLD_TABLES = {
  limits: {
    ...{ hardCapUsd: "100", equityShare: "0.8", leverage: "3" },
    ...{ minLiquidationDistance: "0.2", maxPriceMove: "0.005" },
  },
  entry: { lookbackDays: 14, horizonDays: 21, costMultiple: "1.5", minNetAprOnCapital: "0.05" },
  exit: { trailingDays: 14 },
  paper: { startingCashUsd: "10000" },
};

describe("a guard value", () => {
  test.each([
    ["limits", "equityShare", "0.81"],
    ["limits", "maxLeverage", "11"],
    ["limits", "minLiquidationDistance", "0.19"],
    ["limits", "maxPriceGap", "0.021"],
    ["limits", "maxRatePerInterval", "0.041"],
    ["limits", "maxRateAgeSeconds", 61],
    ["limits", "maxBookAgeSeconds", 6],
    ["limits", "maxEquityAgeSeconds", 31],
    ["limits", "absoluteCapUsd", "50001"],
    ["rebalance", "emergencyDrift", "0.11"],
    ["margin", "ratioOrange", "1.9"],
    ["margin", "distOrange", "0.09"],
    ["limits", "confirmationRequired", false],
    ["limits", "equalBaseExact", false],
    ["limits", "oneHedgePerAsset", false],
  ])("%s.%s = %p is looser and refused in one line", (table, name, value) => {
    const said = refusal({ [table]: { [name]: value } });
    expect(said).toContain(`${table}.${name}: `);
    expect(said).toContain("guard value");
    expect(said.split("; ")).toHaveLength(1);
  });

  test("is the ceiling that the guard has compiled in, and may be tighter", () => {
    const { limits, rebalance, margin } = loadSettings("operator").settings;
    expect(limits.equityShare).toEqual(CEILINGS.equityShare);
    expect(limits.maxLeverage).toEqual(CEILINGS.maxLeverage);
    expect(limits.minLiquidationDistance).toEqual(CEILINGS.minLiquidationDistance);
    expect(limits.maxPriceGap).toEqual(CEILINGS.maxPriceGap);
    expect(limits.maxRatePerInterval).toEqual(CEILINGS.maxRatePerInterval);
    expect(limits.maxPriceMove).toEqual(CEILINGS.maxPriceMove);
    expect(limits.maxRateAgeSeconds * 1000).toBe(CEILINGS.maxRateAgeMs);
    expect(limits.maxBookAgeSeconds * 1000).toBe(CEILINGS.maxBookAgeMs);
    expect(limits.maxEquityAgeSeconds * 1000).toBe(CEILINGS.maxEquityAgeMs);
    expect(limits.absoluteCapUsd.eq(CEILINGS.hardCapUsd)).toBe(true);
    expect(rebalance.emergencyDrift).toEqual(CEILINGS.emergencyDrift);
    expect(margin.ratioOrange).toEqual(CEILINGS.ratioOrange);
    expect(margin.distOrange).toEqual(CEILINGS.distOrange);

    const tighter = loadSettings("operator", writeSettings({ limits: { maxLeverage: "4" } }));
    expect(tighter.settings.limits.maxLeverage.toFixed()).toBe("4");
  });
});

describe("parameters that contradict each other", () => {
  test.each([
    [
      { limits: { leverage: "5", maxLeverage: "4" } },
      "limits.leverage: must not be above limits.max",
    ],
    [{ limits: { hardCapUsd: "900", absoluteCapUsd: "800" } }, "limits.hardCapUsd"],
    [{ execution: { twapAboveUsd: "99" } }, "limits.hardCapUsd: must not be above execution.twap"],
    [{ entry: { leadMinMinutes: 30 } }, "entry.leadMinMinutes: must be below"],
    [{ schedule: { scanMinutes: 16 } }, "schedule.scanMinutes: must not be above entry.leadMax"],
    [{ rebalance: { emergencyDrift: "0.02" } }, "rebalance.maxDrift: must not be above"],
    [{ margin: { distOrange: "0.25" } }, "margin.distOrange: must not be above margin.distYellow"],
    [{ stops: { maxDepeg: "0.03" } }, "stops.maxDepeg: must not be above stops.closeDepeg"],
  ])("%p are refused", (over, why) => {
    expect(refusal(over)).toContain(why);
  });

  test("what the schedule cannot do is refused, and its widest is accepted", () => {
    expect(refusal({ schedule: { scanMinutes: 61 } })).toContain("schedule.scanMinutes: must be a");
    const wide = writeSettings({ schedule: { scanMinutes: 60 }, entry: { leadMaxMinutes: 75 } });
    expect(loadSettings("operator", wide).settings.schedule.scanMinutes).toBe(60);
  });

  test("the old floor on the spread is refused with the name of what stands for it", () => {
    const file = writeSettings({ entry: { minSpread8h: "0.0001" } });
    expect(readFileSync(file, "utf8")).toContain("minSpread8h");
    const said = refusal({ entry: { minSpread8h: "0.0001" } });
    expect(said).toContain("entry.minSpread8h: is entry.seed2Base now");
    expect(said).not.toContain("Unrecognized");
  });
});
