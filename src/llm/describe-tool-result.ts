import { z } from "zod";
import { type Decimal, parseDecimal, ZERO } from "#src/core/decimal.ts";
import { isSpotSymbol } from "#src/core/instrument.ts";
import { figuresWords } from "#src/core/words/figures-words.ts";
import { entryStopSentence, opportunityReasonSentence } from "#src/core/words/plain-words.ts";

const figure = z.string().nullable();

const figuresSchema = z.object({
  have: figure,
  need: z.string(),
  unit: z.enum(["usd", "rate", "rate8h", "apr", "days"]),
  venue: figure,
});

const ratesSchema = z.object({
  assets: z.array(
    z.object({
      asset: z.string(),
      venues: z.array(
        z.object({
          venue: z.string(),
          rate8h: z.string(),
          apr: z.string(),
          intervalHours: z.string(),
        }),
      ),
    }),
  ),
});

const opportunitiesSchema = z.object({
  opportunities: z.array(
    z.object({
      asset: z.string(),
      shortVenue: z.string(),
      longVenue: z.string(),
      longMarket: z.string().default("perp"),
      trailingSpread8h: figure,
      netAprOnCapital: figure,
      breakEvenHours: figure,
      payingSpread8h: figure.default(null),
      worthwhile: z.boolean(),
      reason: figure,
      figures: figuresSchema.nullable().default(null),
    }),
  ),
  cashYield: figure.default(null),
});

const statusSchema = z.object({
  tradingState: z.string(),
  entryStops: z.array(z.object({ reason: z.string() })).default([]),
  equityUsd: figure,
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
      fundingUsd: z.string(),
      feesUsd: z.string(),
      pnlUsd: figure,
    }),
  ),
});

const performanceSchema = z.object({
  total: z
    .object({
      priceUsd: z.string(),
      fundingUsd: z.string(),
      feesUsd: z.string(),
      interestUsd: z.string().default("0"),
      totalUsd: z.string(),
    })
    .nullable(),
  equityUsd: figure,
});

const decisionsSchema = z.object({
  asset: figure,
  decisions: z.array(
    z.object({
      at: z.string(),
      kind: z.string(),
      asset: figure,
      outcome: z.string(),
      detail: z.record(z.string(), z.unknown()),
    }),
  ),
  choices: z
    .array(
      z.object({
        at: z.string(),
        choice: z.object({ action: z.string(), asset: figure }).nullable(),
        decidedBy: z.string().nullable(),
      }),
    )
    .default([]),
});

const proposalSchema = z.object({
  status: z.string(),
  hint: z.string(),
  asset: z.string().optional(),
  reasons: z.array(z.string()).optional(),
});

const SHOWN = 6;

/** A tool's JSON as a few plain lines. Nothing is added that the tool did not say. */
export function describeToolResult(tool: string, json: string): string {
  const data: unknown = JSON.parse(json);
  switch (tool) {
    case "get_rates":
      return read(ratesSchema, data, describeRates);
    case "find_opportunities":
      return read(opportunitiesSchema, data, describeOpportunities);
    case "get_status":
      return read(statusSchema, data, describeStatus);
    case "get_performance":
      return read(performanceSchema, data, describePerformance);
    case "explain_decision":
      return read(decisionsSchema, data, describeDecisions);
    default:
      return read(proposalSchema, data, describeProposal);
  }
}

function read<T>(schema: z.ZodType<T>, data: unknown, describe: (value: T) => string): string {
  const parsed = schema.safeParse(data);
  return parsed.success
    ? describe(parsed.data)
    : "That could not be looked up now. Nothing was traded.";
}

function describeRates({ assets }: z.infer<typeof ratesSchema>): string {
  if (assets.length === 0) return "No venue gives a rate for that now. /rates shows what there is.";
  const spread = (venues: readonly { readonly rate8h: string }[]) =>
    (number(venues[0]?.rate8h) ?? ZERO).minus(number(venues.at(-1)?.rate8h) ?? ZERO);
  const widest = [...assets].sort((a, b) => spread(b.venues).cmp(spread(a.venues)));
  const lines = widest.slice(0, SHOWN).map(({ asset, venues }) => {
    const [top] = venues;
    const low = venues.at(-1);
    return `${asset}: ${bp(top?.rate8h)} on ${top?.venue} (${percent(top?.apr)} a year), ${bp(low?.rate8h)} on ${low?.venue}`;
  });
  return `Funding per 8 hours, widest spread first:\n${lines.join("\n")}\nPositive: longs pay shorts. These are rates before costs; /best shows what is left.`;
}

function describeOpportunities({
  opportunities,
  cashYield,
}: z.infer<typeof opportunitiesSchema>): string {
  const good = opportunities.filter((one) => one.worthwhile);
  const list = (good.length > 0 ? good : opportunities).slice(0, SHOWN);
  const lines = list.map(
    (one) =>
      `${one.asset}: ${pairWords(one)}, mean ${bp(one.trailingSpread8h)} per 8 h, net ${percent(one.netAprOnCapital)} a year on capital, pays back in ${hours(one.breakEvenHours)}${whyWords(one)}`,
  );
  if (lines.length === 0) return "No pair of venues offers anything now.";
  const [best] = list;
  const cash = cashYield === null ? "" : `, cash ${percent(cashYield)}`;
  const head =
    good.length > 0
      ? "Worth doing after costs:"
      : `Nothing worth doing now: the best nets ${percent(best?.netAprOnCapital ?? null)} a year on capital${cash}. The nearest:`;
  return `${head}\n${lines.join("\n")}`;
}

type OpportunityLine = z.infer<typeof opportunitiesSchema>["opportunities"][number];

function whyWords({ reason, figures, payingSpread8h }: OpportunityLine): string {
  if (!reason) return "";
  const found = figures ? `: ${figuresWords(figures)}` : "";
  // One high payment tempts most where the mean does not pay.
  const spike =
    reason === "CARRY_BELOW_COST" && payingSpread8h !== null
      ? `; a spike that fades as usual would have to be ${bp(payingSpread8h)} per 8 h`
      : "";
  return ` (${opportunityReasonSentence(reason)}${found}${spike})`;
}

function pairWords(one: OpportunityLine): string {
  const { shortVenue, longVenue, longMarket } = one;
  if (shortVenue !== longVenue) return `short ${shortVenue}, long ${longVenue}`;
  return longMarket === "spot"
    ? `buy spot and short the perp on ${longVenue}`
    : `borrow and sell spot, long the perp on ${longVenue}`;
}

function describeStatus(status: z.infer<typeof statusSchema>): string {
  const { tradingState, entryStops, equityUsd, hedges } = status;
  const stops = entryStops.map(({ reason }) => ` Now ${entryStopSentence(reason)}.`).join("");
  const lines = hedges.map((hedge) => {
    const legs = hedge.legs
      .map((leg) => {
        const market = isSpotSymbol(leg.instrument) ? "spot of " : "";
        return `${leg.side} ${leg.sizeBase} on ${market}${leg.venue}`;
      })
      .join(", ");
    return `${hedge.asset} (${hedge.id}, ${hedge.phase}): ${legs}; funding ${money(hedge.fundingUsd)}, fees ${money(hedge.feesUsd)}, result ${money(hedge.pnlUsd)}`;
  });
  const what = lines.length > 0 ? lines.join("\n") : "No hedge is open.";
  return `Trading is ${tradingState}, equity ${money(equityUsd)}.${stops}\n${what}`;
}

function describePerformance({ total, equityUsd }: z.infer<typeof performanceSchema>): string {
  if (!total) return "The result is unknown now: a venue does not give its marks.";
  const owed = number(total.interestUsd);
  const interest = owed?.eq(ZERO) ? "" : `, borrow interest ${money(total.interestUsd)}`;
  return `Result ${money(total.totalUsd)}: funding ${money(total.fundingUsd)}, price ${money(total.priceUsd)}, fees ${money(total.feesUsd)}${interest}. Equity ${money(equityUsd)}.\n/pnl days, /pnl venues and /pnl hedges show more.`;
}

function describeDecisions(data: z.infer<typeof decisionsSchema>): string {
  const { asset, decisions } = data;
  if (decisions.length === 0) {
    return asset
      ? `Nothing was decided about ${asset} yet. The next scan will; /scan looks now.`
      : "Nothing was decided yet. /scan looks now.";
  }
  const lines = decisions.slice(0, SHOWN).map((one) => {
    const spread = one.detail["trailingSpread8h"];
    const cost = one.detail["costRate"];
    const figures =
      typeof spread === "string" && typeof cost === "string"
        ? `, mean ${bp(spread)} per 8 h against ${bp(cost)} of costs`
        : "";
    const asked = figuresSchema.safeParse(one.detail);
    const why = asked.success ? `; ${figuresWords(asked.data)}` : "";
    return `${one.at.slice(5, 16).replace("T", " ")} ${one.asset ?? ""}: ${opportunityReasonSentence(one.outcome)}${figures}${why}`;
  });
  const chosen = data.choices.filter(({ choice }) => choice !== null);
  const own = chosen.find(({ choice }) => asset !== null && choice?.asset === asset);
  const last = own ?? chosen[0];
  if (last?.choice) {
    const what = last.choice.asset ? `${last.choice.action} ${last.choice.asset}` : "hold";
    const when = last.at.slice(5, 16).replace("T", " ");
    lines.push(
      `Last choice of a scan${own ? ` about ${asset}` : ""}: ${what}, by the ${last.decidedBy}, ${when}; /decisions has them all.`,
    );
  }
  return lines.join("\n");
}

function describeProposal(result: z.infer<typeof proposalSchema>): string {
  if (result.status === "awaiting_owner") {
    return `A card for ${result.asset ?? "it"} follows. Only your tap on it trades.`;
  }
  if (result.status === "denied") {
    return `Denied by the guard: ${(result.reasons ?? []).join("; ")}. Nothing was traded.`;
  }
  return result.hint;
}

function number(text: string | null | undefined): Decimal | null {
  return text ? parseDecimal(text) : null;
}

function bp(text: string | null | undefined): string {
  const value = number(text);
  return value ? `${value.times("10000").toFixed(2)} bp` : "unknown";
}

function percent(text: string | null | undefined): string {
  const value = number(text);
  return value ? `${value.times("100").toFixed(1)} %` : "unknown";
}

function money(text: string | null | undefined): string {
  const value = number(text);
  return value ? `${value.toFixed(2)} USD` : "unknown";
}

function hours(text: string | null | undefined): string {
  const value = number(text);
  return value ? `${value.div("24").toFixed(1)} days` : "never";
}
