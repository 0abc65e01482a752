import { maxOf } from "#src/core/decimal.ts";
import { type Denial, denial } from "#src/core/denial.ts";
import { type Mandate, type MandateUse, spotBeyond } from "#src/core/mandate.ts";
import type { OpenProposal } from "#src/core/proposal.ts";
import type { Snapshot } from "#src/core/snapshot.ts";

interface Standing {
  readonly mandate: Mandate;
  readonly use: MandateUse;
}

/** Is there room in the owner's standing approval? Every breached bound is named. */
export function checkMandate(
  proposal: OpenProposal,
  { mandate, use }: Standing,
  snapshot: Snapshot,
): readonly Denial[] {
  const notional = maxOf(proposal.legs[0].notionalUsd, proposal.legs[1].notionalUsd);
  const venues = proposal.legs.map((leg) => leg.venue);
  const spot = spotBeyond(mandate, proposal.legs);
  const unprovable = snapshot.legs.filter((leg) => !leg.provable);
  const breaches: (Denial | false)[] = [
    mandate.state !== "armed" && denial("MANDATE_NOT_ARMED", { state: mandate.state }),
    use.marketNow >= mandate.endsAt && denial("MANDATE_ENDED"),
    notional.gt(mandate.perHedgeUsd) &&
      denial("MANDATE_PER_HEDGE_EXCEEDED", {
        notionalUsd: notional.toFixed(2),
        limitUsd: mandate.perHedgeUsd.toFixed(2),
      }),
    use.openUsd.plus(notional).gt(mandate.totalUsd) &&
      denial("MANDATE_TOTAL_EXCEEDED", {
        openUsd: use.openUsd.toFixed(2),
        limitUsd: mandate.totalUsd.toFixed(2),
      }),
    use.opensToday >= mandate.opensPerDay &&
      denial("MANDATE_OPENS_EXCEEDED", { opensToday: String(use.opensToday) }),
    use.pnlTodayUsd.lt(mandate.lossPerDayUsd.neg()) &&
      denial("MANDATE_LOSS_EXCEEDED", { pnlTodayUsd: use.pnlTodayUsd.toFixed(2) }),
    mandate.assets.length > 0 &&
      !mandate.assets.includes(proposal.asset) &&
      denial("MANDATE_ASSET_NOT_ALLOWED", { asset: proposal.asset }),
    mandate.venues.length > 0 &&
      !venues.every((venue) => mandate.venues.includes(venue)) &&
      denial("MANDATE_VENUE_NOT_ALLOWED", { venues: venues.join(", ") }),
    spot.length > 0 && denial("MANDATE_SPOT_NOT_ALLOWED", { venues: spot.join(", ") }),
    unprovable.length > 0 &&
      denial("MANDATE_VENUE_NOT_PROVABLE", {
        venues: unprovable.map((leg) => leg.instrument.venue).join(", "),
      }),
    !proposal.worthwhile && denial("MANDATE_NOT_WORTHWHILE"),
  ];
  return breaches.filter((breach) => breach !== false);
}
