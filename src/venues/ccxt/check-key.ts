import type { AccountState } from "#src/core/snapshot.ts";
import type { DriverParts, KeyFacts, VenueDriver } from "./driver.ts";
import { askWithKey, type KeyFailure } from "./key-failure.ts";

export interface KeyFinding {
  readonly code:
    | KeyFailure["code"]
    | "NO_TEST_VENUE"
    | "MAY_WITHDRAW"
    | "MAY_NOT_TRADE"
    | "WRONG_ACCOUNT"
    | "EMPTY_ACCOUNT"
    | "RIGHTS_NOT_TOLD"
    | "NO_SPOT"
    | "NO_LOANS"
    | "ACCOUNT_NOT_TOLD";
  /** refused: must not be used. unchecked: the venue could not say yet. note: for the owner to know. */
  readonly severity: "refused" | "unchecked" | "note";
  /** One line: what is wrong, what is true now, what to do. No secret, and no text of others. */
  readonly says: string;
}

export interface KeyCheck {
  readonly findings: readonly KeyFinding[];
  /** Whose key it is, to be remembered at the first sight; null where the venue does not say. */
  readonly accountId: string | null;
}

/**
 * What a key is good for, asked with the key itself; trades nothing and changes nothing. Never throws.
 * `expectedAccountId` is the account that was seen when the venue was set up, null before that.
 */
export async function checkKey(parts: {
  readonly driver: VenueDriver;
  readonly mode: Exclude<DriverParts["mode"], "paper">;
  readonly expectedAccountId: string | null;
}): Promise<KeyCheck> {
  const { driver, mode, expectedAccountId } = parts;
  const { name, rehearsal } = driver.profile;
  if (mode === "testnet" && rehearsal === null) {
    const says = `${name} has no test venue, so mode testnet cannot use it. Take it out of venues.use, or choose mode paper`;
    return { findings: [refused("NO_TEST_VENUE", says)], accountId: null };
  }
  const facts = await askWithKey(driver, mode, () => driver.keyFacts());
  if (facts.failure) return { findings: [asFinding(facts.failure)], accountId: null };
  const account = await askWithKey(driver, mode, () => driver.account());
  const { noSpot } = facts.answer;
  const spot =
    noSpot === null ? await askWithKey(driver, mode, () => driver.account("spot")) : null;
  return {
    findings: [
      ...rightsOf(name, facts.answer),
      ...spotOf(name, facts.answer),
      ...ownerOf(name, facts.answer, expectedAccountId),
      ...(account.failure ? [asFinding(account.failure)] : moneyOf(name, account.answer)),
      ...(spot?.failure ? [asFinding(spot.failure)] : []),
      ...(spot?.answer ? spotMoneyOf(name, spot.answer) : []),
    ],
    accountId: facts.answer.accountId,
  };
}

function rightsOf(name: string, { canTrade, canWithdraw }: KeyFacts): readonly KeyFinding[] {
  const findings: KeyFinding[] = [];
  if (canWithdraw) {
    const says = `the key for ${name} may withdraw, so it is not used. Take that right away from it there, or make a key that may only read and trade`;
    findings.push(refused("MAY_WITHDRAW", says));
  }
  if (canTrade === false) {
    const says = `the key for ${name} may not trade futures, so nothing can be opened or closed with it. Give it that right there`;
    findings.push(refused("MAY_NOT_TRADE", says));
  }
  const untold = [canTrade === null ? "trade" : "", canWithdraw === null ? "withdraw" : ""];
  const rights = untold.filter((right) => right !== "").join(" or ");
  if (rights !== "") {
    const says = `${name} does not say whether this key may ${rights}. Make sure there that it may trade and not withdraw`;
    findings.push({ code: "RIGHTS_NOT_TOLD", severity: "note", says });
  }
  return findings;
}

/** Perps go on without it. */
function spotOf(name: string, { noSpot, noLoans }: KeyFacts): readonly KeyFinding[] {
  if (noLoans) {
    const says = `coins can be bought on spot of ${name}, but none sold short: ${noLoans}`;
    return [{ code: "NO_LOANS", severity: "note", says }];
  }
  if (!noSpot) return [];
  const says = `spot of ${name} is not used: ${noSpot}. Or take it out of venues.spot; its perps do not need it`;
  return [{ code: "NO_SPOT", severity: "note", says }];
}

function ownerOf(
  name: string,
  { accountId }: KeyFacts,
  expected: string | null,
): readonly KeyFinding[] {
  if (expected === null || accountId === expected) return [];
  if (accountId === null) {
    const says = `${name} does not say whose key this is, so it cannot be told from another account's. Make sure that it is of account ${short(expected)}`;
    return [{ code: "ACCOUNT_NOT_TOLD", severity: "note", says }];
  }
  const says = `the key for ${name} is of account ${short(accountId)}, but the hedges here were made with ${short(expected)}, so it is not used. Put that account's key back, or start with another state folder`;
  return [refused("WRONG_ACCOUNT", says)];
}

function moneyOf(
  name: string,
  { equityUsd }: Pick<AccountState, "equityUsd">,
): readonly KeyFinding[] {
  if (equityUsd.gt("0")) return [];
  const says = `the account at ${name} holds nothing, so nothing can open there. Move collateral into its futures wallet`;
  return [{ code: "EMPTY_ACCOUNT", severity: "note", says }];
}

/** Where spot has a wallet of its own. */
function spotMoneyOf(
  name: string,
  { wallet, equityUsd }: Pick<AccountState, "wallet" | "equityUsd">,
): readonly KeyFinding[] {
  if (wallet !== "spot" || equityUsd.gt("0")) return [];
  const says = `the cross margin account at ${name}, where its spot is traded, holds nothing, so no spot can open there. Move money into it`;
  return [{ code: "EMPTY_ACCOUNT", severity: "note", says }];
}

function asFinding({ code, says }: KeyFailure): KeyFinding {
  const isOpen = code === "NO_ANSWER";
  return { code, severity: isOpen ? "unchecked" : "refused", says };
}

function refused(code: KeyFinding["code"], says: string): KeyFinding {
  return { code, severity: "refused", says };
}

/** Enough to know one's own account by. */
function short(accountId: string): string {
  return accountId.length <= 4 ? accountId : `…${accountId.slice(-4)}`;
}
