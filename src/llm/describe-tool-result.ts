import { z } from "zod";
import { ZERO } from "#src/core/decimal.ts";
import { figuresWords } from "#src/core/words/figures-words.ts";
import { shortVenue } from "#src/core/words/plain-name.ts";
import { opportunityReasonSentence } from "#src/core/words/plain-words.ts";
import { decisionsSchema, describeDecisions } from "./describe-decisions.ts";
import { describeStatus, statusSchema } from "./describe-status.ts";
import { bp, days, figure, figuresSchema, money, number, percent } from "./tool-figures.ts";

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

const proposalSchema = z.object({
  status: z.string(),
  hint: z.string(),
  asset: z.string().optional(),
  reasons: z.array(z.string()).optional(),
});

const SHOWN = 6;

/** A tool's JSON as a few plain lines, of what was asked. Nothing is added that the tool did not say. */
export function describeToolResult(tool: string, json: string, question = ""): string {
  const data: unknown = JSON.parse(json);
  switch (tool) {
    case "get_rates":
      return read(ratesSchema, data, describeRates);
    case "find_opportunities":
      return read(opportunitiesSchema, data, describeOpportunities);
    case "get_status":
      return read(statusSchema, data, (status) => describeStatus(status, question));
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
    return `${asset}: ${at(top)} (${percent(top?.apr)} a year), ${at(low)}`;
  });
  return `Funding per 8 hours, widest spread first:\n${lines.join("\n")}\nPositive: longs pay shorts. These are rates before costs; /best shows what is left.`;
}

type RateLine = z.infer<typeof ratesSchema>["assets"][number]["venues"][number];

function at(one: RateLine | undefined): string {
  return one ? `${bp(one.rate8h)} on ${shortVenue(one.venue)}` : "unknown";
}

function describeOpportunities({
  opportunities,
  cashYield,
}: z.infer<typeof opportunitiesSchema>): string {
  const good = opportunities.filter((one) => one.worthwhile);
  const list = (good.length > 0 ? good : opportunities).slice(0, SHOWN);
  const lines = list.map(
    (one) =>
      `${one.asset}: ${pairWords(one)}, trailing mean ${bp(one.trailingSpread8h)} per 8 h, net ${percent(one.netAprOnCapital)} a year on capital, pays back in ${days(one.breakEvenHours)}${whyWords(one)}`,
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
  const found = figures ? `; ${figuresWords(reason, figures)}` : "";
  // One high payment tempts most where the mean does not pay.
  const spike =
    reason === "CARRY_BELOW_COST" && payingSpread8h !== null
      ? `; a spike that fades as usual would have to be ${bp(payingSpread8h)} per 8 h`
      : "";
  return ` (${opportunityReasonSentence(reason)}${found}${spike})`;
}

function pairWords(one: OpportunityLine): string {
  const [short, long] = [shortVenue(one.shortVenue), shortVenue(one.longVenue)];
  if (short !== long) return `short ${short}, long ${long}`;
  return one.longMarket === "spot"
    ? `buy spot and short the perp on ${long}`
    : `borrow and sell spot, long the perp on ${long}`;
}

function describePerformance({ total, equityUsd }: z.infer<typeof performanceSchema>): string {
  if (!total) return "The result is unknown now: a venue does not give its marks.";
  const owed = number(total.interestUsd);
  const interest = owed?.eq(ZERO) ? "" : `, borrow interest ${money(total.interestUsd)}`;
  return `Result since the start, after all costs: ${money(total.totalUsd)}. Funding ${money(total.fundingUsd)}, price ${money(total.priceUsd)}, fees ${money(total.feesUsd)}${interest}. Equity ${money(equityUsd, "plain")}.\n/pnl days, /pnl venues and /pnl hedges show more.`;
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
