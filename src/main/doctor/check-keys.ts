import { describeError, OperatorError } from "#src/core/errors.ts";
import type { VenueId } from "#src/core/instrument.ts";
import { inTime } from "#src/main/in-time.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { Logger } from "#src/ports/logger.ts";
import type { Store } from "#src/ports/store.ts";
import type { CcxtVenue } from "#src/venues/ccxt/ccxt-venue.ts";
import { checkKey, type KeyCheck, type KeyFinding } from "#src/venues/ccxt/check-key.ts";
import type { DriverParts } from "#src/venues/ccxt/driver.ts";

export interface CheckKeysParts {
  readonly venues: ReadonlyMap<VenueId, Pick<CcxtVenue, "driver" | "data">>;
  readonly mode: DriverParts["mode"];
  readonly store: Pick<Store, "getFact" | "setFact" | "transaction" | "enqueue">;
  readonly log: Logger;
  readonly clock: Pick<Clock, "later">;
}

export interface KeyJudge {
  /** Why nothing may open there; null once its key was found to be good. */
  why(venue: VenueId): string | null;
  /**
   * Judges every key, before anything is traded. Throws an OperatorError with a line for all that is refused;
   * while hedges are `held`, which must be watched, only where a key is another account's. What could not be
   * judged, or was refused all the same, is asked about again until it is good.
   */
  start(held: boolean): Promise<void>;
}

interface Check extends KeyCheck {
  readonly venue: VenueId;
}

const PATIENCE_MS = 12_000;
const AGAIN_MS = 30_000;
const NOT_YET = "its key is not checked yet";

/** Of all keys in use; in mode paper there are none. */
export function createKeyJudge(parts: CheckKeysParts): KeyJudge {
  const { venues, mode, log, clock } = parts;
  const ids = mode === "paper" ? [] : [...venues.keys()];
  const reasons = new Map(ids.map((venue) => [venue, NOT_YET]));

  async function judge(): Promise<readonly Check[]> {
    const checks = await Promise.all([...reasons.keys()].map((venue) => checkOne(parts, venue)));
    for (const { venue, findings } of checks)
      for (const { code, severity, says } of findings)
        log.warn("keyChecked", { venue, code, severity, says });
    return checks;
  }

  function settle(checks: readonly Check[]): void {
    rememberAccounts(parts, checks);
    for (const { venue, findings } of checks) {
      const refused = findings.find(isRefused);
      if (refused && reasons.get(venue) !== refused.says) tellOwner(parts, refused.says);
      const against = refused ?? findings.find(({ severity }) => severity === "unchecked");
      if (against) reasons.set(venue, against.says);
      else reasons.delete(venue);
    }
    if (reasons.size > 0) clock.later(AGAIN_MS, () => void again());
  }

  async function again(): Promise<void> {
    try {
      settle(await judge());
    } catch (error) {
      log.error("keysNotChecked", { error: describeError(error) });
      clock.later(AGAIN_MS, () => void again());
    }
  }

  return {
    why: (venue) => reasons.get(venue) ?? null,
    async start(held) {
      const checks = await judge();
      const refused = checks.flatMap(({ findings }) => findings.filter(isRefused));
      const fatal = held ? refused.filter(({ code }) => code === "WRONG_ACCOUNT") : refused;
      if (fatal.length > 0) throw new OperatorError(refused.map(({ says }) => says).join("\n"));
      settle(checks);
    },
  };
}

async function checkOne(
  { venues, mode, store, clock }: CheckKeysParts,
  venue: VenueId,
): Promise<Check> {
  const says = `${venue} did not say in time what its key is good for, so nothing opens there; it is asked again`;
  const late: Check = {
    ...{ venue, accountId: null },
    findings: [{ code: "NO_ANSWER", severity: "unchecked", says }],
  };
  const asked = venues.get(venue);
  if (!asked || mode === "paper") return late;
  const expectedAccountId = store.getFact(accountFact(venue));
  // What is signed before the venue's clock was read may be out of its time.
  const timed = asked.data.time().catch(() => undefined);
  const check = timed.then(() => checkKey({ driver: asked.driver, mode, expectedAccountId }));
  return inTime(
    clock,
    PATIENCE_MS,
    check.then((found) => ({ venue, ...found })),
    late,
  );
}

function isRefused({ severity }: KeyFinding): boolean {
  return severity === "refused";
}

/** The fact that keeps whose account a venue's hedges are on. */
export function accountFact(venue: VenueId): string {
  return `account:${venue}`;
}

/** At the first sight; from then on another account behind the same name is refused. */
function rememberAccounts({ store }: CheckKeysParts, seen: readonly Check[]): void {
  store.transaction(() => {
    for (const { venue, accountId, findings } of seen) {
      if (accountId === null || findings.some(isRefused)) continue;
      if (store.getFact(accountFact(venue)) === null) store.setFact(accountFact(venue), accountId);
    }
  });
}

function tellOwner({ store }: CheckKeysParts, says: string): void {
  const chatId = Number(store.getFact("chatId") ?? "0");
  if (chatId === 0) return;
  const text = `${says}. Until then nothing opens there; what is held is watched and closed as far as that key allows.`;
  const content = { type: "alert", text } as const;
  store.transaction(() => store.enqueue({ severity: "critical", chatId, content }));
}
