import type { Hedge } from "#src/core/hedge.ts";
import type { PipelineContext } from "#src/pipeline/context.ts";
import { startCooldown } from "./cooldown.ts";

/** After a liquidation or a deleveraging nothing opens on the asset for a while. Inside a transaction. */
export function noteLiquidations(context: PipelineContext, { id, asset, closedAt }: Hedge): void {
  const { store, settings, clock } = context;
  const { liquidationMs } = settings.cooldown;
  if (closedAt !== null && closedAt + liquidationMs <= clock.marketNow()) return;
  const forced = store.listFills(id).filter(({ cause }) => cause !== "order");
  const last = forced.reduce((latest, { filledAt }) => Math.max(latest, filledAt), 0);
  if (last === 0) return;
  startCooldown(context, asset, last + liquidationMs);
}
