import type { Asset } from "#src/core/instrument.ts";
import type { EpochMs } from "#src/core/units.ts";
import { type PipelineContext, parseFact } from "#src/pipeline/context.ts";

/** Nothing opens on the asset until then (market time); a longer one stays. Inside a transaction. */
export function startCooldown(
  { store }: Pick<PipelineContext, "store">,
  asset: Asset,
  until: EpochMs,
): void {
  const known = parseFact(store, keyOf(asset)) ?? 0;
  if (until <= known) return;
  store.setFact(keyOf(asset), String(until));
  const listed = assetsOf(store);
  if (!listed.includes(asset)) store.setFact(LISTED, [...listed, asset].join(" "));
}

export interface Cooldown {
  readonly asset: Asset;
  /** Market time. */
  readonly until: EpochMs;
}

export function liveCooldowns({
  store,
  clock,
}: Pick<PipelineContext, "store" | "clock">): readonly Cooldown[] {
  return assetsOf(store)
    .map((asset) => ({ asset, until: parseFact(store, keyOf(asset)) ?? 0 }))
    .filter(({ until }) => until > clock.marketNow());
}

/** Facts cannot be listed, so the assets that ever cooled down are one. */
const LISTED = "cooldownAssets";

function assetsOf(store: PipelineContext["store"]): readonly Asset[] {
  return (store.getFact(LISTED) ?? "").split(" ").filter((one) => one !== "");
}

function keyOf(asset: Asset): string {
  return `cooldown:${asset}`;
}
