import { availableParallelism } from "node:os";
import { z } from "zod";
import { runWorker } from "#tests/support/run-worker.ts";
import type { PartResult, Temper } from "./run-part.ts";

/** Calls a part: small enough that its world stays small. */
export const PART_CALLS = 1_000;

/** A share of a run, for one process. */
export interface Share {
  readonly seed: number;
  readonly calls: number;
  readonly first: number;
  /** Every so many-th part is its own. */
  readonly stride: number;
  /** All parts cunning, and no further than the first violation: enough to catch a defect. */
  readonly untilFound: boolean;
  /** Of those: in markets with spot. */
  readonly spot?: boolean | undefined;
}

export interface PartReport extends PartResult {
  readonly part: number;
}

/** Which calls, and how they are mixed: every second part has spot, every fifth is cunning, every fiftieth on the real database. */
export function temperOf(part: number): Temper {
  const store = part % 50 === 49 ? "sqlite" : "memory";
  const spot = part % 2 === 1;
  return part % 5 === 0 ? { ...CUNNING, store, spot } : { cunning: 100, events: 50, store, spot };
}

export const CUNNING: Temper = { cunning: 400, events: 300, store: "memory", spot: false };

/** Splits a run over the cores; its parts are the same however many there are. */
export async function runParts(
  run: { readonly seed: number; readonly calls: number },
  progress: (report: PartReport) => void,
): Promise<void> {
  const cores = Math.max(1, availableParallelism());
  const shares = Array.from({ length: cores }, (_, first): Share => {
    return { ...run, first, stride: cores, untilFound: false };
  });
  await Promise.all(
    shares.map(async (share) => {
      for await (const report of reportsOf(share)) progress(report);
    }),
  );
}

/** `preload` is loaded before the product: that is how a defect gets in. */
export async function* reportsOf(
  share: Share,
  preload: readonly string[] = [],
  options: readonly string[] = [],
): AsyncGenerator<PartReport> {
  const parts = runWorker(WORK, [JSON.stringify(share), ...options], preload);
  for await (const part of parts) yield reportSchema.parse(part);
}

const WORK = new URL("./work-process.ts", import.meta.url).pathname;

const reportSchema = z.object({
  ...{ part: z.number(), calls: z.number(), orders: z.number(), openings: z.number() },
  ...{ approvals: z.number(), bought: z.number(), borrowed: z.number() },
  violation: z.object({ rule: z.string(), detail: z.string(), afterCalls: z.number() }).nullable(),
});

const shareSchema = z.object({
  ...{ seed: z.number(), calls: z.number(), first: z.number(), stride: z.number() },
  untilFound: z.boolean(),
  spot: z.boolean().optional(),
});

export function parseShare(text: string): Share {
  return shareSchema.parse(JSON.parse(text));
}
