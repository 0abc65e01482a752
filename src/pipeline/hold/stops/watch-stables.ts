import { type Decimal, ONE } from "#src/core/decimal.ts";
import type { Hedge } from "#src/core/hedge.ts";
import { instrumentOf } from "#src/execution/fate/ask-venue.ts";
import type { PipelineContext } from "#src/pipeline/context.ts";
import { closeShownLately, noteCloseShown } from "#src/pipeline/hold/carry/leave-turned.ts";
import { tellOwner } from "#src/pipeline/propose/ask-owner.ts";
import { proposeClose } from "#src/pipeline/propose/propose-close.ts";
import { readDepeg, refreshDepeg } from "./read-depeg.ts";

/** Are the dollars that hedges settle in still worth the same? Far apart, mixed hedges may be left. */
export async function watchStables(context: PipelineContext): Promise<void> {
  const middle = await refreshDepeg(context);
  if (middle === null) return sayUntold(context);
  if (middle.minus(ONE).abs().gt(context.settings.stops.closeDepeg)) {
    await offerToLeave(context, middle);
  }
}

/** Legs in different dollars gain or lose by the gap itself: the owner decides, nothing closes by itself. */
async function offerToLeave(context: PipelineContext, middle: Decimal): Promise<void> {
  for (const hedge of context.store.listHedges(["open"])) {
    const isMixed = await settlesInBoth(context, hedge).catch(() => false);
    if (!isMixed || closeShownLately(context, hedge.id)) continue;
    const answer = await proposeClose(context, hedge.id, "scan");
    if (answer.kind === "unavailable") continue;
    context.store.transaction(() => noteCloseShown(context, hedge.id));
    tellOwner(
      context,
      "warning",
      `${hedge.asset} ${hedge.id} settles in both USDT and USDC, and one USDC costs ${middle.toFixed(4)} USDT. It stays open until you tap the card that closes it.`,
    );
  }
}

async function settlesInBoth({ execution }: PipelineContext, { legs }: Hedge): Promise<boolean> {
  const [a, b] = await Promise.all(
    legs.map(({ venue, symbol }) => instrumentOf(execution, venue, symbol)),
  );
  return a?.settleCurrency !== b?.settleCurrency;
}

const UNTOLD_SAID = "stables:untoldSaid";

/** Said once, and only where hedges could be in both. */
function sayUntold(context: PipelineContext): void {
  const { store, execution } = context;
  if (readDepeg(context).state !== "untold" || store.getFact(UNTOLD_SAID) === "yes") return;
  const settled = [...execution.memory.instruments.values()].flatMap(({ list }) =>
    list.map(({ settleCurrency }) => settleCurrency),
  );
  if (!settled.includes("USDT") || !settled.includes("USDC")) return;
  store.transaction(() => {
    store.setFact(UNTOLD_SAID, "yes");
    tellOwner(
      context,
      "warning",
      "No connected venue tells what USDC costs in USDT, so Hedgerow would not notice when one of them loses its dollar. Hedges with legs in both may still be opened; connect binance, bybit or okx to have it watched.",
    );
  });
}
