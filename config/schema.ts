import { z } from "zod";
import { type Decimal, parseDecimal } from "#src/core/decimal.ts";
import { modelTables } from "./model-settings.ts";
import { MODES, venueTables } from "./venue-settings.ts";

/** Text that is a plain decimal inside [least, most], as an exact Decimal. */
function decimalText(least: string, most: string) {
  return z.string().transform((text, context): Decimal => {
    const value = parseDecimal(text);
    if (value === null || value.lt(least) || value.gt(most)) {
      context.addIssue({
        code: "custom",
        message: `must be a number in quotes from ${least} to ${most}`,
      });
      return z.NEVER;
    }
    return value;
  });
}

const whole = (least: number, most: number) => z.int().min(least).max(most);

/** Every setting: its range here, its meaning in settings.toml beside the value. */
export const settingsSchema = z.strictObject({
  mode: z.enum(MODES),
  state: z.string().min(1),
  ...venueTables,
  limits: z.strictObject({
    hardCapUsd: decimalText("1", "50000"),
    equityShare: decimalText("0.01", "0.8"),
    leverage: decimalText("1", "10"),
    minLiquidationDistance: decimalText("0.2", "0.9"),
    maxPriceMove: decimalText("0.0001", "0.005"),
  }),
  entry: z.strictObject({
    lookbackDays: whole(1, 60),
    horizonDays: whole(1, 90),
    costMultiple: decimalText("1", "10"),
    minSpread8h: decimalText("0", "0.01"),
    minNetAprOnCapital: decimalText("0", "1"),
  }),
  execution: z.strictObject({
    maxSlippage: decimalText("0.0001", "0.005"),
    secondLegTries: whole(1, 10),
    retryDelayMs: whole(10, 30_000),
    orderLifeMs: whole(1_000, 60_000),
    makerWaitMs: whole(0, 120_000),
  }),
  exit: z.strictObject({
    trailingDays: whole(1, 60),
  }),
  mandate: z.strictObject({
    perHedgeUsd: decimalText("1", "50000"),
    totalUsd: decimalText("1", "500000"),
    opensPerDay: whole(1, 50),
    lossPerDayUsd: decimalText("1", "50000"),
    days: whole(1, 90),
    assets: z.array(z.string()),
    venues: z.array(z.string()),
  }),
  schedule: z.strictObject({
    scanMinutes: whole(1, 1440),
    watchMinutes: whole(1, 60),
    dailySummary: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, "must be HH:MM"),
  }),
  telegram: z.strictObject({
    ownerId: whole(0, 2 ** 52),
    apiRoot: z.url().transform((url) => url.replace(/\/+$/, "")),
  }),
  ...modelTables,
  dashboard: z.strictObject({ host: z.string().min(1), port: whole(0, 65_535) }),
  mcp: z.strictObject({ enabled: z.boolean() }),
  paper: z.strictObject({ startingCashUsd: decimalText("1", "10000000") }),
});

export type Settings = z.infer<typeof settingsSchema>;
