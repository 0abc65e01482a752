import { z } from "zod";
import { isSpotSymbol } from "#src/core/instrument.ts";
import { shortVenue } from "#src/core/words/plain-name.ts";
import { entryStopSentence } from "#src/core/words/plain-words.ts";
import { figure, money, size } from "./tool-figures.ts";
import { findAsset, isMentioned } from "./understand.ts";

export const statusSchema = z.object({
  tradingState: z.string(),
  entryStops: z.array(z.object({ reason: z.string() })).default([]),
  equityUsd: figure,
  proposals: z.array(z.object({ kind: z.string(), asset: z.string() })).default([]),
  hedges: z.array(
    z.object({
      id: z.string(),
      asset: z.string(),
      phase: z.string(),
      legs: z.array(
        z.object({
          ...{ venue: z.string(), side: z.string(), sizeBase: z.string() },
          instrument: z.string().default(""),
        }),
      ),
      notionalUsd: figure.default(null),
      fundingUsd: z.string(),
      feesUsd: z.string(),
      pnlUsd: figure,
    }),
  ),
});

type Status = z.infer<typeof statusSchema>;
type HedgeLine = Status["hedges"][number];

/** Of the hedges that the question names, those alone. */
export function describeStatus(status: Status, question: string): string {
  const { tradingState, entryStops, equityUsd, hedges } = status;
  const meant = hedges.filter(({ asset, id }) =>
    [asset, id].some((name) => isMentioned(question, name)),
  );
  const asked = findAsset(question);
  if (meant.length > 0) return meant.map(hedgeWords).join("\n\n");
  if (asked !== null) return noneOf(asked, status);
  const stops = entryStops.map(({ reason }) => ` Now ${entryStopSentence(reason)}.`).join("");
  const what = hedges.length > 0 ? hedges.map(hedgeWords).join("\n\n") : "No hedge is open.";
  return `Trading is ${tradingState}, equity ${money(equityUsd, "plain")}.${stops}\n${what}`;
}

function hedgeWords({ id, asset, phase, legs, ...hedge }: HedgeLine): string {
  const sides = legs.map((leg) => {
    const market = isSpotSymbol(leg.instrument) ? "spot of " : "";
    return `${leg.side} ${size(leg.sizeBase)} on ${market}${shortVenue(leg.venue)}`;
  });
  const weight = hedge.notionalUsd === null ? "" : `, ${money(hedge.notionalUsd, "plain")} a leg`;
  return `${asset} (${id}) is ${phase}: ${sides.join(", ")}${weight}.\nResult ${money(hedge.pnlUsd)} at the prices of now; in it funding ${money(hedge.fundingUsd)}, and fees of ${money(hedge.feesUsd, "plain")} paid so far.`;
}

function noneOf(asset: string, { hedges, proposals }: Status): string {
  const others = hedges.map((hedge) => hedge.asset).join(", ");
  const open = others === "" ? "Nothing else is open either." : `Open: ${others}.`;
  const card = proposals.find((one) => one.kind === "open" && one.asset === asset);
  const next = card
    ? `A card for ${asset} waits for your tap.`
    : `"hedge ${asset}" proposes one, "why not ${asset}?" says what scans thought of it.`;
  return `No ${asset} hedge is open. ${open}\n${next}`;
}
