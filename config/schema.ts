import { z } from "zod";
import { limitTables } from "./limit-parameters.ts";
import { modelTables } from "./model-settings.ts";
import { PARAMETERS, type Parameter } from "./parameter.ts";
import { ruleTables } from "./rule-parameters.ts";
import { runningParameters, runningTables } from "./running-parameters.ts";
import { MODES, venueTables } from "./venue-settings.ts";

const whole = (least: number, most: number) => z.int().min(least).max(most);

const { limits, allocation, mandate, stops } = limitTables;
const { filter, entry, exit, rotate, flip, rebalance, margin, borrow } = ruleTables;
const { execution, paper, report } = runningTables;

/** Every setting. Parameters are declared with their ranges, defaults and meanings in the files above. */
export const settingsSchema = z.strictObject({
  mode: z.enum(MODES),
  state: z.string().min(1),
  ...venueTables,
  limits: z.strictObject(limits).prefault({}),
  allocation: z.strictObject(allocation).prefault({}),
  mandate: z.strictObject(mandate),
  stops: z.strictObject(stops).prefault({}),
  filter: z.strictObject(filter).prefault({}),
  entry: z.strictObject(entry).prefault({}),
  exit: z.strictObject(exit).prefault({}),
  rotate: z.strictObject(rotate).prefault({}),
  flip: z.strictObject(flip).prefault({}),
  rebalance: z.strictObject(rebalance).prefault({}),
  margin: z.strictObject(margin).prefault({}),
  borrow: z.strictObject(borrow).prefault({}),
  execution: z.strictObject(execution).prefault({}),
  schedule: z.strictObject({
    ...runningParameters.schedule,
    dailySummary: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, "must be HH:MM"),
  }),
  telegram: z.strictObject({
    ownerId: whole(0, 2 ** 52),
    apiRoot: z.url().transform((url) => url.replace(/\/+$/, "")),
  }),
  ...modelTables,
  dashboard: z.strictObject({ host: z.string().min(1), port: whole(0, 65_535) }),
  mcp: z.strictObject({ enabled: z.boolean() }),
  paper: z.strictObject(paper).prefault({}),
  report: z.strictObject(report).prefault({}),
});

export type Settings = z.infer<typeof settingsSchema>;

const DECLARED: Readonly<Record<string, Readonly<Record<string, z.ZodType>>>> = {
  ...{ ...limitTables, ...ruleTables, ...runningTables, ...runningParameters },
};

/** Every declared parameter with the name of its setting ("limits.leverage"), table by table. */
export function listParameters(): readonly (Parameter & { readonly setting: string })[] {
  return Object.entries(DECLARED).flatMap(([table, settings]) =>
    Object.entries(settings).flatMap(([name, schema]) => {
      const parameter = PARAMETERS.get(schema);
      return parameter ? [{ ...parameter, setting: `${table}.${name}` }] : [];
    }),
  );
}
