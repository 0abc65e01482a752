import { Database } from "bun:sqlite";
import { afterAll, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadSettings } from "#config/load.ts";
import type { Settings } from "#config/schema.ts";
import { requestApproval } from "#src/approvals/request-approval.ts";
import { dec } from "#src/core/decimal.ts";
import { boundsHash, encodeConfirmation } from "#src/core/rules/live-bounds.ts";
import { boundsOf } from "#src/main/compose-pipeline.ts";
import { stateFolder } from "#src/main/state-folder.ts";
import {
  adoptConfirmation,
  describeWidening,
  findConfirmation,
  withinConfirmed,
} from "#src/main/unlock-live.ts";
import type { Store } from "#src/ports/store.ts";
import { openStore } from "#src/store/sqlite-store.ts";
import { createFakeClock } from "#tests/support/fake-clock.ts";

const clock = createFakeClock();
const NOW = clock.wallNow();
const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function liveSettings(limits: Partial<Settings["limits"]> = {}, venues = ["binance", "bybit"]) {
  const state = mkdtempSync(join(tmpdir(), "hedgerow-live-"));
  folders.push(state);
  const { settings } = loadSettings("operator");
  return {
    ...{ ...settings, mode: "live" as const, state },
    limits: { ...settings.limits, ...limits },
    venues: { ...settings.venues, use: venues as Settings["venues"]["use"] },
  };
}

function inState<T>(folder: string, work: (store: Store) => T): T {
  mkdirSync(folder, { recursive: true });
  const store = openStore({ path: join(folder, "hedgerow.db"), wallNow: clock.wallNow });
  try {
    return store.transaction(() => work(store));
  } finally {
    store.close();
  }
}

/** A rehearsal whose owner confirmed what these settings allow. */
function rehearse(
  settings: Settings,
  { at = NOW, tapped = true, audited = true, mode = "paper" as string } = {},
): void {
  const bounds = boundsOf(settings);
  inState(settings.state, (store) => {
    const owner = { ownerId: 7, chatId: 7 };
    store.setFact("mode", mode);
    for (const [key, value] of Object.entries(owner)) store.setFact(key, String(value));
    store.setFact("chat", "telegram");
    if (tapped) {
      const subject = { subject: "live", subjectId: "live-mode" } as const;
      const hash = { subjectHash: boundsHash(bounds), nonce: `N${at}` };
      requestApproval(store, { ...subject, ...hash, ...owner, now: at, ttlMs: 120_000 });
      store.settleApproval(hash.nonce, "approved");
    }
    const rehearsedMs = { binance: 1, bybit: 1 };
    const confirmation = { bounds, ownerId: 7, chat: "telegram", at, rehearsedMs } as const;
    store.setFact("liveConfirmation", encodeConfirmation(confirmation));
    if (audited) store.audit("liveConfirmed", "owner", { confirmation }, at);
  });
}

/** What somebody with the file, and without the bot, may do to it. */
function tamper(settings: Settings, sql: string, folder = settings.state): void {
  const raw = new Database(join(folder, "hedgerow.db"));
  expect(raw.run(sql).changes).toBeGreaterThan(0);
  raw.close();
}

/** A start in mode live, as far as its books go. */
function startLive(settings: Settings): void {
  const unlocked = findConfirmation(settings, clock);
  const folder = stateFolder(settings);
  mkdirSync(folder, { recursive: true });
  const store = openStore({ path: join(folder, "hedgerow.db"), wallNow: clock.wallNow });
  adoptConfirmation(store, unlocked, NOW);
  store.close();
}

describe("mode live is locked", () => {
  test("without a rehearsal, and says what to do", () => {
    const settings = liveSettings();
    expect(() => findConfirmation(settings, clock)).toThrow(
      `mode live is locked: ${settings.state} holds no rehearsal: run mode = "paper" or "testnet" for 24 h, then confirm it with /live in the chat`,
    );
  });

  test("while the hours are not done, and says how far they are", () => {
    const settings = liveSettings();
    inState(settings.state, (store) => {
      store.setFact("mode", "paper");
      store.setFact("rehearsedMs:binance", String(30 * 3_600_000));
      store.setFact("rehearsedMs:bybit", String(14.2 * 3_600_000));
    });
    expect(() => findConfirmation(settings, clock)).toThrow(
      /locked: 14 of 24 h are rehearsed on every venue/,
    );
  });

  test("when the confirmation was written without a tap", () => {
    const settings = liveSettings();
    rehearse(settings, { tapped: false });
    expect(() => findConfirmation(settings, clock)).toThrow("is not what its owner tapped");
  });

  test("when the audit tells of no confirmation, though the card was approved", () => {
    const settings = liveSettings();
    rehearse(settings, { audited: false });
    expect(() => findConfirmation(settings, clock)).toThrow("is not what its owner tapped");
  });

  test.each([
    [
      "the tap was taken out of the audit",
      "DELETE FROM audit WHERE actor = 'owner' AND kind = 'approval'",
    ],
    ["the end of the audit was cut off", "DELETE FROM audit WHERE kind = 'liveConfirmed'"],
    [
      "a confirmation was written into the audit",
      `UPDATE audit SET body = replace(body, '"ownerId":7', '"ownerId":8') WHERE kind = 'liveConfirmed'`,
    ],
    ["the approval was deleted", "DELETE FROM approvals"],
    ["the approval is of another owner", "UPDATE approvals SET owner_id = 8"],
    ["the card was not approved", "UPDATE approvals SET state = 'declined'"],
    [
      "the rehearsed confirmation was exchanged",
      `UPDATE facts SET value = replace(value, '"ownerId":7', '"ownerId":8') WHERE key = 'liveConfirmation'`,
    ],
  ])("when %s", (_, sql) => {
    const settings = liveSettings();
    rehearse(settings);
    expect(findConfirmation(settings, clock).confirmation.ownerId).toBe(7);
    tamper(settings, sql);
    expect(() => findConfirmation(settings, clock)).toThrow("mode live is locked");
  });

  test("when an approval was written beside the audit", () => {
    const settings = liveSettings();
    rehearse(settings, { tapped: false });
    const row = `'x', 'live', 'live-mode', '${boundsHash(boundsOf(settings))}', 7, 7, 1, 'approved', 1, 2`;
    tamper(settings, `INSERT INTO approvals VALUES (${row})`);
    expect(() => findConfirmation(settings, clock)).toThrow("is not what its owner tapped");
  });

  test("when the tap was for tighter limits than the confirmation says", () => {
    const settings = liveSettings();
    rehearse(settings);
    inState(settings.state, (store) => {
      const confirmation = {
        ...{ bounds: { ...boundsOf(settings), hardCapUsd: dec("50000") }, ownerId: 7 },
        ...{ chat: "telegram" as const, at: NOW, rehearsedMs: {} },
      };
      store.setFact("liveConfirmation", encodeConfirmation(confirmation));
    });
    expect(() => findConfirmation(settings, clock)).toThrow("is not what its owner tapped");
  });

  test("by a state folder of the demo", () => {
    const settings = liveSettings();
    rehearse(settings, { mode: "demo" });
    expect(() => findConfirmation(settings, clock)).toThrow(
      "no rehearsal in mode paper or testnet",
    );
  });

  test("to settings copied to another folder", () => {
    const settings = liveSettings();
    rehearse(settings);
    const copied = { ...settings, state: liveSettings().state };
    expect(() => findConfirmation(copied, clock)).toThrow("mode live is locked");
  });

  test("to another owner than who confirmed it", () => {
    const settings = liveSettings();
    rehearse(settings);
    const other = { ...settings, telegram: { ...settings.telegram, ownerId: 8 } };
    expect(() => findConfirmation(other, clock)).toThrow("confirmed by 7 on Telegram");
  });
});

describe("the first start in mode live", () => {
  test("has books of its own, the owner of the rehearsal, and lets nothing open yet", () => {
    const settings = liveSettings();
    rehearse(settings);
    startLive(settings);

    inState(join(settings.state, "live"), (store) => {
      expect(store.tradingState()).toBe("reducing");
      expect([store.getFact("ownerId"), store.getFact("chatId")]).toEqual(["7", "7"]);
      expect(store.listApprovals({})).toEqual([]);
      store.setTradingState("active");
    });
    startLive(settings);
    inState(join(settings.state, "live"), (store) => expect(store.tradingState()).toBe("active"));
    inState(settings.state, (store) => expect(store.tradingState()).toBe("active"));
  });

  test("needs the rehearsal's folder no more afterwards", () => {
    const settings = liveSettings();
    rehearse(settings);
    startLive(settings);
    rmSync(join(settings.state, "hedgerow.db"));
    expect(findConfirmation(settings, clock).confirmation.ownerId).toBe(7);
  });
});

test("a confirmation that was written into the live books lets nothing open before another tap", () => {
  const settings = liveSettings({ hardCapUsd: dec("100") });
  rehearse(settings);
  startLive(settings);
  const forged = `UPDATE facts SET value = replace(value, '"hardCapUsd":"100"', '"hardCapUsd":"9000"') WHERE key = 'liveConfirmation'`;
  tamper(settings, forged, stateFolder(settings));
  const asked = { ...settings, limits: { ...settings.limits, hardCapUsd: dec("9000") } };

  const { confirmation } = findConfirmation(asked, clock);
  expect(withinConfirmed(asked, confirmation).limits.hardCapUsd.toFixed()).toBe("0");
  startLive(asked);
  const again = findConfirmation(asked, clock).confirmation;
  expect(withinConfirmed(asked, again).limits.hardCapUsd.toFixed()).toBe("0");
  rehearse(asked, { at: NOW + 1 });
  const confirmed = findConfirmation(asked, clock).confirmation;
  expect(withinConfirmed(asked, confirmed).limits.hardCapUsd.toFixed()).toBe("9000");
});

describe("settings that ask for more than was confirmed", () => {
  test("have no effect beyond it, and that is said", () => {
    const confirmed = liveSettings({ hardCapUsd: dec("100") });
    rehearse(confirmed);
    startLive(confirmed);
    const wider = liveSettings({ hardCapUsd: dec("5000"), equityShare: dec("0.5") }, [
      ...["binance", "bybit", "okx"],
    ]);
    const spot = { ...wider.venues, spot: ["binance" as const] };
    const asked = { ...wider, venues: spot, state: confirmed.state };
    const { confirmation } = findConfirmation(asked, clock);

    const { limits } = withinConfirmed(asked, confirmation);
    expect([limits.hardCapUsd.toFixed(), limits.equityShare.toFixed()]).toEqual(["100", "0.5"]);
    expect(describeWidening(confirmation.bounds, asked)).toBe(
      "asked for beyond what you confirmed, without effect until /live: hardCapUsd 5000 (100 holds); venues binance, bybit, okx (binance, bybit holds); spotVenues binance (none holds)",
    );
  });

  test("count once the rehearsal's owner confirmed them", () => {
    const confirmed = liveSettings();
    rehearse(confirmed);
    startLive(confirmed);
    const asked = {
      ...confirmed,
      limits: { ...confirmed.limits, hardCapUsd: dec("500") },
    };
    rehearse(asked, { at: NOW + 1 });
    startLive(asked);
    const { confirmation } = findConfirmation(asked, clock);
    expect(confirmation.bounds.hardCapUsd.toFixed()).toBe("500");
    expect(describeWidening(confirmation.bounds, asked)).toBeNull();
  });
});
