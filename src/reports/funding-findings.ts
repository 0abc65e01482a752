import type { HedgeLeg } from "#src/core/hedge.ts";
import type { BaseSize, EpochMs, Price, Rate, Usd } from "#src/core/units.ts";
import { shortVenue } from "#src/core/words/plain-name.ts";
import { formatBps, formatHeld, formatNumber, formatUsd } from "./format.ts";

/** More than that nobody reads in a chat. */
const SHOWN = 6;

/** A settlement of a leg that does not add up. */
export interface FundingFinding {
  readonly hedgeId: string;
  readonly asset: string;
  readonly leg: Pick<HedgeLeg, "venue" | "side">;
  readonly at: EpochMs;
  readonly sizeBase: BaseSize | null;
  readonly rate: Rate;
  /** What it was reckoned on; null: about the entry's price. */
  readonly price: Price | null;
  readonly expectedUsd: Usd;
  /** Null: the venue tells of no payment. */
  readonly bookedUsd: Usd | null;
}

/** What the owner is told of funding that is not what it should be, in one message. */
export function fundingFindings(findings: readonly FundingFinding[]): string {
  const wrong = findings.filter(({ bookedUsd }) => bookedUsd !== null);
  const missing = findings.filter(({ bookedUsd }) => bookedUsd === null);
  const parts = [];
  if (wrong.length > 0) {
    parts.push(
      "Funding is not what it should be by our own fills and the venue's published rate.",
      ...linesOf(wrong),
      "It is booked as the venue told it, and nothing is traded because of it. Compare it with the venue's own list of funding payments; a position of yours in the same market would explain it.",
    );
  }
  if (missing.length > 0) {
    parts.push(
      "Funding was due, and more than an hour later the venue tells of no payment.",
      ...linesOf(missing),
      "Nothing is booked for it, and nothing is traded because of it; what still comes within a day is booked. Further ones of that leg are not told until it is paid again. See at the venue whether it was paid, and whether the key is that account's.",
    );
  }
  return parts.join("\n");
}

function linesOf(findings: readonly FundingFinding[]): readonly string[] {
  const more = findings.length - SHOWN;
  const shown = findings.slice(0, SHOWN).map(lineOf);
  return more > 0 ? [...shown, `and ${more} more`] : shown;
}

function lineOf(finding: FundingFinding): string {
  const { hedgeId, asset, leg, at, expectedUsd, bookedUsd } = finding;
  const stamp = new Date(at).toISOString();
  const when = `${stamp.slice(0, 10)} ${stamp.slice(11, 16)} UTC`;
  const name = `${asset} ${hedgeId}, ${leg.side} on ${shortVenue(leg.venue)}, ${when}`;
  const expected = `${formatUsd(expectedUsd, true)} (${reckoning(finding)})`;
  if (bookedUsd === null) return `${name}: about ${expected} was due.`;
  const difference = formatUsd(bookedUsd.minus(expectedUsd).toFixed(), true);
  return `${name}: booked ${formatUsd(bookedUsd, true)}, expected ${expected}, ${difference} apart.`;
}

function reckoning({ sizeBase, asset, price, rate }: FundingFinding): string {
  const at = price ? formatNumber(price) : "the entry price";
  return `${formatHeld(sizeBase)} ${asset} × ${at} × ${formatBps(rate)}`;
}
