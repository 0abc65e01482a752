import { parseDecimal } from "#src/core/decimal.ts";
import type { Denial, DenialCode } from "#src/core/denial.ts";
import { isSpotSymbol } from "#src/core/instrument.ts";
import type { OpportunityReason } from "#src/core/opportunity.ts";
import type { SizeBound } from "#src/core/proposal.ts";
import type { EntryStopReason } from "#src/core/rules/entry-stop.ts";
import type { HoldReason } from "#src/core/rules/judge-hold.ts";
import type { UnavailableReason } from "#src/core/unavailable.ts";
import { boundWords } from "./bound-words.ts";
import { isPlainSymbol, shortVenue } from "./plain-name.ts";
import { writeNumber } from "./write-number.ts";

/** Figures in braces come from the denial; fractions are said as percent where it says so. */
const DENIALS: Readonly<Record<DenialCode, string>> = {
  LEG_COUNT: "a hedge has exactly two legs",
  ASSET_MISMATCH: "the legs are of different assets ({asset}, {other})",
  SAME_DIRECTION: "both legs are {side}",
  UNEQUAL_BASE: "the legs differ in size ({first}, {second})",
  SIZE_ZERO: "the size is zero",
  SIZE_OFF_LOT: "{sizeBase} is not a multiple of the common lot {lotBase}",
  SIZE_BELOW_MINIMUM: "{venue} takes no order this small ({sizeBase})",
  NOTIONAL_EXCEEDS_EQUITY_SHARE:
    "{notionalUsd} USD is more than the allowed share of the smaller account ({limitUsd} USD)",
  NOTIONAL_EXCEEDS_HARD_CAP: "{notionalUsd} USD is above the hard cap of {limitUsd} USD a leg",
  EQUITY_UNKNOWN: "a venue does not say what its account holds",
  VENUE_SHARE_EXCEEDED:
    "{notionalUsd} USD a leg is more than one venue may still take of your equity ({limitUsd} USD)",
  SINGLE_POSITION_EXCEEDED:
    "{notionalUsd} USD a leg is more than one hedge may be of your equity ({limitUsd} USD)",
  UTILISATION_EXCEEDED:
    "{notionalUsd} USD a leg is more than all hedges together may still add ({limitUsd} USD)",
  RESERVE_EXCEEDED:
    "{notionalUsd} USD a leg would use up the reserve that stays free (room for {limitUsd} USD)",
  MARGIN_INSUFFICIENT: "{venue} has {freeUsd} USD free, {neededUsd} USD are needed",
  LEVERAGE_EXCEEDS_LIMIT: "leverage {leverage} is above {limit} on {venue}",
  LIQUIDATION_TOO_NEAR:
    "liquidation on {venue} would be only {distance:percent} away, at least {least:percent} is needed",
  BORROW_UNKNOWN: "{venue} does not say what borrowing it costs, so it cannot be sold short there",
  BORROW_STALE: "what borrowing costs on {venue} was read too long ago",
  BORROW_INSUFFICIENT: "{venue} lends {mostBase}, {sizeBase} are needed",
  BORROW_MOVED: "borrowing it on {venue} costs more now than the card said",
  RATE_STALE: "the funding rate of {venue} is too old",
  RATE_IMPLAUSIBLE: "the funding rate of {venue} is not believable ({rate:percent} an interval)",
  BOOK_STALE: "the order book of {venue} is too old",
  EQUITY_STALE: "the account data of {venue} is too old",
  PRICE_MISMATCH: "the venues' prices do not agree: this may not be the same asset",
  PRICE_MOVED: "the price on {venue} moved from {seen} to {now}",
  ASSET_ALREADY_HEDGED: "there is already a hedge on {asset} (/hedges)",
  POSITION_UNEXPECTED: "{venue} already holds a position there ({positionBase})",
  INSTRUMENT_NOT_LINEAR: "{instrument} is not a linear contract",
  SNAPSHOT_MISMATCH: "the market data does not belong to this plan",
  VENUE_PAIR_INVALID: "the legs must be on two venues, or spot and perp on one",
  TRADING_REDUCING: "trading is reducing only",
  TRADING_HALTED: "trading is halted; /resume first",
  ENTRY_STOPPED: "nothing opens now",
  PROPOSAL_EXPIRED: "the card has expired; ask again",
  AUTHORITY_MISSING: "nobody approved it",
  AUTHORITY_MISMATCH: "the approval belongs to another plan",
  MANDATE_NOT_ARMED: "the mandate is not armed",
  MANDATE_ENDED: "the mandate has ended",
  MANDATE_PER_HEDGE_EXCEEDED: "{notionalUsd} USD is above the mandate's {limitUsd} USD a hedge",
  MANDATE_TOTAL_EXCEEDED:
    "the mandate's total of {limitUsd} USD is used up ({openUsd} USD), or what is left of it is too little",
  MANDATE_OPENS_EXCEEDED:
    "the mandate's openings of today are used up; it opens again after midnight UTC",
  MANDATE_LOSS_EXCEEDED: "today's loss passed the mandate's bound",
  MANDATE_ASSET_NOT_ALLOWED: "the mandate does not cover {asset}",
  MANDATE_VENUE_NOT_ALLOWED: "the mandate does not cover {venues}",
  MANDATE_SPOT_NOT_ALLOWED: "the mandate does not cover spot on {venues}",
  MANDATE_VENUE_NOT_PROVABLE:
    "orders on {venues} cannot always be proven dead, so nothing is opened alone there: approve it yourself",
  MANDATE_NOT_WORTHWHILE: "it does not pay its costs, and a mandate opens only what does",
  REDUCE_WITHOUT_POSITION: "{venue} holds no position there",
  REDUCE_WOULD_INCREASE: "the order would increase the position on {venue}",
  REDUCE_EXCEEDS_POSITION: "the order is larger than the position on {venue}",
  TICKET_EXPIRED: "the guard's ticket has expired",
  TICKET_ORDER_NOT_COVERED: "the order is not covered by the guard's ticket",
  TICKET_SIZE_EXCEEDED: "the order is larger than the guard's ticket allows",
  TICKET_NOT_REDUCE_ONLY: "the ticket is for reducing only",
  TICKET_PRICE_BEYOND_COLLAR: "the order's price is beyond the accepted one",
};

/** What holds openings back, and what ends it. */
const ENTRY_STOPS: Readonly<Record<EntryStopReason, string>> = {
  DRAWDOWN: "the drawdown limit is passed; /resume asks you whether to go on",
  DAILY_LOSS: "today's loss limit is passed; it ends with the day (UTC)",
  LOSS_UNKNOWN: "today's result cannot be read, so its limit cannot be checked; a venue is silent",
  DEPEG: "USDT and USDC are too far apart; it ends when they agree again",
  DEPEG_UNKNOWN: "no venue says what USDT and USDC are worth, and the legs settle in both",
  COOLDOWN: "the asset cools down after what happened to its last hedge",
  VENUE_PAUSED: "a venue of it is paused until it answers reliably again",
};

/** Every code that the guard can say. */
export const DENIAL_CODES: readonly string[] = Object.keys(DENIALS);

/** Of what was written down, or came back from where words are not trusted. */
export function isDenial(one: {
  readonly code: string;
  readonly context: Denial["context"];
}): one is Denial {
  return Object.hasOwn(DENIALS, one.code);
}

const UNAVAILABLE: Readonly<Record<UnavailableReason, string>> = {
  ASSET_UNKNOWN: "No connected venue lists that asset. /rates shows what there is.",
  CANDIDATE_EXPIRED: "That candidate is too old. Look at the opportunities again.",
  NO_PAIR: "Only one venue lists that asset, and a hedge needs two.",
  NO_HEDGE: "There is no such hedge. /hedges shows what is open.",
  VENUE_DOWN: "A venue does not answer, so nothing can be proposed now. Nothing was traded.",
  BELOW_MINIMUM:
    "What the limits leave is below the smallest hedge: the venues' minimum orders, or minPositionUsd of the settings.",
  REMAINDER_TOO_SMALL:
    "What other hedges have left of a limit is less than a tenth of a usual hedge, so it is not opened unasked; /open proposes it all the same.",
  EQUITY_UNKNOWN:
    "A venue does not say what its account holds, so nobody knows how large a hedge may be. Nothing was traded; /status shows which one. Ask again when it answers.",
  DEPTH_TOO_THIN: "The order book is too thin for it within the slippage limit.",
  NOT_OWNER: "No owner is bound yet.",
  NOTHING_NAMED: "Give an asset or a candidate id.",
  TOO_MANY_CARDS:
    "Enough cards came of questions: three of them wait, or ten were made today. Answer those first, or use /open.",
  DECLINED_LATELY:
    "The owner declined this asset twice, so it is not proposed again for half an hour. /open proposes it all the same.",
};

export const UNAVAILABLE_REASONS: readonly string[] = Object.keys(UNAVAILABLE);

const OPPORTUNITY: Readonly<Record<OpportunityReason, string>> = {
  ASSET_NOT_WANTED: "the settings leave it out (entry.assets)",
  HISTORY_TOO_SHORT: "too little funding history",
  CARRY_BELOW_COST: "trailing carry does not pay the costs",
  SPREAD_TURNED: "the spread has turned",
  SPREAD_BELOW_FLOOR: "the spread is below the floor now",
  NET_APR_BELOW_MINIMUM: "too little is left after costs",
  FUNDING_BELOW_FLOOR: "its funding is below the floor for spot",
  BORROW_ABOVE_FUNDING: "funding does not pay the borrowing",
  VOLUME_TOO_LOW: "too little is traded there",
  VOLUME_UNKNOWN: "nobody says how much is traded there",
  OPEN_INTEREST_TOO_LOW: "its open interest is too small",
  OPEN_INTEREST_UNKNOWN: "nobody says how large its open interest is",
  BID_ASK_TOO_WIDE: "bid and ask are too far apart",
  DEPTH_TOO_THIN: "the book is too thin",
  PRICE_MISMATCH: "the venues' prices do not agree",
  DELISTING: "a venue is going to take it off its list",
  INTERVAL_UNSURE: "its last payments came at other intervals than its venue says",
};

/** Coins cannot be told apart: a hedge among the owner's own would be sold with them. */
const OWN_DEBT =
  "on {venue} a loan of it is open ({positionBase}), and coins that are bought would repay that first: repay it there, then ask again";
const OWN_COINS =
  "{venue} already holds {positionBase} of it on spot, and your own coins are left alone: give Hedgerow a sub-account without them";
const HOLD: Readonly<Record<HoldReason, string>> = {
  ADVERSE_BASIS: "the gap between the legs' prices moved against it",
  BASIS_AND_SPREAD_AGAINST:
    "the gap between the legs' prices moved against it, and so did the spread",
  SPREAD_WATCHED: "the spread is against it now, its trailing mean is not",
  SPREAD_TURNED_FOR_LONG: "the spread and its trailing mean are against it",
  BORROW_ABOVE_FUNDING: "borrowing cost more than funding paid, three times in a row",
  DELISTING: "a venue of it is going to take it off its list",
  TOO_OLD: "it is older than the rules keep a hedge unasked",
};

/** Why the rules watch, leave or ask about a held hedge. */
export function holdReasonSentence(reason: HoldReason): string {
  return HOLD[reason];
}

/** Every reason why a pair is not worthwhile. */
export const OPPORTUNITY_REASONS: readonly string[] = Object.keys(OPPORTUNITY);

/** Why the guard said no, for people. */
export function denialSentence({ code, context }: Denial): string {
  if (code === "ENTRY_STOPPED") return entryStopSentence(context["reason"] ?? "");
  const onSpot = code === "POSITION_UNEXPECTED" && isSpotSymbol(context["instrument"] ?? "");
  const own = context["positionBase"]?.startsWith("-") ? OWN_DEBT : OWN_COINS;
  return (onSpot ? own : DENIALS[code]).replace(
    /\{(\w+)(:percent)?\}/g,
    (_, name: string, percent?: string) =>
      percent ? inPercent(context[name]) : plainly(context[name]),
  );
}

export function entryStopSentence(reason: string): string {
  const known: Readonly<Record<string, string>> = ENTRY_STOPS;
  return `nothing opens, because ${known[reason] ?? "of something unknown"}`;
}

/** A figure, or names as ours are: a sentence of ours must not carry one of somebody else's. */
function plainly(value = ""): string {
  if (parseDecimal(value)) return writeNumber(value);
  const names = value.split(", ");
  return names.every(isPlainSymbol) ? names.map(shortVenue).join(", ") : "unknown";
}

function inPercent(value = ""): string {
  const fraction = parseDecimal(value);
  return fraction ? `${writeNumber(fraction.times("100").round(4).toFixed())} %` : "unknown";
}

/** `boundBy`: what left too little for the smallest hedge. */
export function unavailableSentence(reason: UnavailableReason, boundBy?: SizeBound): string {
  return boundBy
    ? `${UNAVAILABLE[reason]} The limit that decides: ${boundWords(boundBy)}.`
    : UNAVAILABLE[reason];
}

/** Also for the verdicts that a scan writes down. */
export function opportunityReasonSentence(reason: string): string {
  const known: Readonly<Record<string, string>> = OPPORTUNITY;
  const held: Readonly<Record<string, string>> = HOLD;
  if (reason === "WAITS_FOR_WINDOW")
    return "worth doing, and waits for the minutes before the payment";
  if (reason === "ROTATE") return "another pair pays more than changing costs";
  if (reason === "WORTHWHILE") return "worth doing";
  if (reason === "NO_SECOND_VENUE") return "only one venue lists it";
  if (reason === "NOT_AMONG_BEST") return "others paid more at the time; ask for it by name";
  if (reason === "VENUE_SILENT") return "a venue did not answer";
  return known[reason] ?? held[reason] ?? reason.toLowerCase().replaceAll("_", " ");
}
