import { afterEach, describe, expect, test } from "bun:test";
import type { Transfer } from "#src/core/transfer.ts";
import { startDydx } from "#tests/support/venues/dydx-rig.ts";
import { ok, startExtended } from "#tests/support/venues/extended-documents.ts";
import { startHibachi } from "#tests/support/venues/hibachi-rig.ts";
import { OWNER } from "#tests/support/venues/hyperliquid-rig.ts";
import { scriptedHyperliquid } from "#tests/support/venues/hyperliquid-scripted.ts";
import { done, startPacifica } from "#tests/support/venues/pacifica-documents.ts";

type Row = Readonly<Record<string, unknown>>;

/** An hour ago; rows carry it to the millisecond. */
const T0 = Date.now() - 3_600_000;
const SINCE = T0 - 60_000;

const stops: (() => Promise<unknown>)[] = [];
afterEach(() => Promise.all(stops.splice(0).map((stop) => stop())));

const amounts = (all: readonly Transfer[] | undefined) =>
  all?.map((one) => one.amountUsd.toFixed());

describe("money that came into Hyperliquid's account or left it", () => {
  const [me, other] = [OWNER.toLowerCase(), `0x${"9".repeat(40)}`];

  async function told(deltas: readonly Row[]) {
    const rows = deltas.map((delta, n) => ({ time: T0 + n, hash: `0x${"0".repeat(64)}`, delta }));
    const { driver } = await scriptedHyperliquid({ userNonFundingLedgerUpdates: () => rows });
    return driver.transfers?.(SINCE);
  }

  test("is signed, and a withdrawal takes its fee with it", async () => {
    const all = await told([
      { type: "deposit", usdc: "100.0" },
      { type: "withdraw", usdc: "1.0", nonce: 1, fee: "1.0" },
      { type: "accountClassTransfer", usdc: "30.0", toPerp: true },
      { type: "accountClassTransfer", usdc: "20.0", toPerp: false },
      { type: "internalTransfer", usdc: "5.0", user: OWNER, destination: other, fee: "1.0" },
      { type: "internalTransfer", usdc: "7.0", user: other, destination: OWNER, fee: "1.0" },
      { type: "subAccountTransfer", usdc: "9.0", user: OWNER, destination: other },
      { type: "vaultDeposit", vault: other, usdc: "50.0" },
      {
        type: "vaultWithdraw",
        vault: other,
        user: me,
        requestedUsd: "60",
        netWithdrawnUsd: "58.5",
      },
    ]);
    expect(amounts(all)).toEqual(["100", "-2", "30", "-20", "-6", "7", "-9", "-50", "58.5"]);
    // Hashes may all be nothing.
    expect(new Set(all?.map((one) => one.transferId)).size).toBe(9);
  });

  test("counts at the main dex alone, and nothing that is no transfer of dollars", async () => {
    const send = { type: "send", user: me, destination: me, token: "USDC", fee: "0.0" };
    const all = await told([
      { ...send, sourceDex: "spot", destinationDex: "", amount: "11.0" },
      { ...send, sourceDex: "", destinationDex: "xyz", amount: "4.0" },
      { ...send, sourceDex: "spot", destinationDex: "xyz", amount: "8.0" },
      { ...send, user: other, sourceDex: "", destinationDex: "", amount: "3.0" },
      { type: "spotTransfer", token: "USDC", amount: "10.5", user: me, destination: other },
      { type: "liquidation", liquidatedNtlPos: "9", accountValue: "1", leverageType: "Cross" },
      { type: "cStakingTransfer", token: "HYPE", amount: "1.0", isDeposit: true },
    ]);
    expect(amounts(all)).toEqual(["11", "-4", "3"]);
  });
});

describe("money that came into dYdX's subaccount or left it", () => {
  const move = (type: string, size: string, minutes: number, id: string) => ({
    ...{ id, size, type, symbol: "USDC", createdAtHeight: "45116125", transactionHash: "92B4" },
    sender: { address: "dydx14zzueazeh0hj67cghhf9jypslcf9sh2n5k6art", subaccountNumber: 0 },
    recipient: { address: "dydx1slanxj8x9ntk9knwa6cvfv2tzlsq5gk3dshml0", subaccountNumber: 0 },
    createdAt: new Date(T0 - minutes * 60_000).toISOString(),
  });

  test("is signed by its type and read over pages, newest first, each move once", async () => {
    const full = Array.from({ length: 100 }, (_, n) => move("DEPOSIT", "1", 0, `d${n}`));
    const rest = [
      ...[move("DEPOSIT", "1", 0, "d99"), move("WITHDRAWAL", "2.5", 0, "w")],
      ...[move("TRANSFER_IN", "3", 0, "i"), move("TRANSFER_OUT", "0.000001", 0, "o")],
      move("DEPOSIT", "1000", 5, "old"),
    ];
    const rig = await startDydx({
      "GET /v4/transfers": ({ url }) => ({
        transfers: url.searchParams.get("page") === "1" ? full : rest,
      }),
    });
    stops.push(rig.server.stop);
    const all = await rig.venue.account.transfers?.(SINCE);
    expect(all).toHaveLength(103);
    expect(amounts(all?.slice(100))).toEqual(["-2.5", "3", "-0.000001"]);
    const asked = rig.asked("GET /v4/transfers")[0]?.url.searchParams;
    expect([asked?.get("subaccountNumber"), asked?.get("limit")]).toEqual(["0", "100"]);
  });

  test("is asked for no longer where every page is the first one", async () => {
    const full = Array.from({ length: 100 }, (_, n) => move("DEPOSIT", "1", 0, `d${n}`));
    const rig = await startDydx({ "GET /v4/transfers": { transfers: full } });
    stops.push(rig.server.stop);
    expect(rig.venue.account.transfers?.(SINCE)).rejects.toThrow("the same page");
  });
});

test("Extended tells deposits, withdrawals and transfers when they are done", async () => {
  const move = (id: string, over: Row) => ({
    ...{ id, type: "DEPOSIT", status: "COMPLETED", amount: "100.0000000000000000", fee: "0" },
    ...{ asset: 1, time: T0, accountId: 100_009, ...over },
  });
  const { venue, stop } = await startExtended({
    "GET /api/v1/user/assetOperations": ok([
      move("1", {}),
      move("2", { type: "TRANSFER", amount: "-3.0000000000000000", counterpartyAccountId: 5 }),
      move("3", { type: "SLOW_WITHDRAWAL", status: "READY_FOR_CLAIM", amount: "20" }),
      move("4", { type: "WITHDRAWAL", amount: "-7" }),
      move("5", { status: "IN_PROGRESS" }),
      move("6", { status: "REJECTED" }),
      move("7", { asset: 2 }),
    ]),
  });
  stops.push(stop);
  const all = await venue.account.transfers?.(SINCE);
  expect(amounts(all)).toEqual(["100", "-3", "-20", "-7"]);
});

test("Pacifica tells what came and went, and a deposit that waits only with its release", async () => {
  const event = (event_type: string, amount: string, balance: string, pending = "0.000000") => ({
    ...{ event_type, amount, balance, pending_balance: pending, created_at: T0 },
  });
  const { venue, asked, stop } = await startPacifica({
    "GET /api/v1/account/balance/history": done([
      event("payout", "4.000000", "1344.000000"),
      event("subaccount_transfer", "-60.000000", "1340.000000"),
      event("withdraw", "-50.000000", "1400.000000"),
      event("deposit_release", "250.000000", "1450.000000"),
      event("deposit", "250.000000", "1200.000000", "250.000000"),
      event("deposit", "100.000000", "1200.000000"),
    ]),
  });
  stops.push(stop);
  const all = await venue.account.transfers?.(SINCE);
  expect(amounts(all)).toEqual(["-60", "-50", "250", "100"]);
  expect(new Set(all?.map((one) => one.transferId)).size).toBe(4);
  expect(asked("/api/v1/account/balance/history")).toHaveLength(1);
});

test("Hibachi tells deposits, withdrawals and transfers when they are done, in either spelling", async () => {
  const move = (id: number, transactionType: string, quantity: string, status = "completed") => ({
    ...{ assetId: 1, id, quantity, status, transactionType, timestampSec: Math.floor(T0 / 1_000) },
  });
  const rig = await startHibachi({
    "GET /capital/history": {
      transactions: [
        ...[move(9, "deposit", "0.999500", "pending"), move(8, "withdrawal", "0.040000")],
        ...[move(8, "deposit", "6.130000"), move(7, "transfer-in", "10.000000")],
        ...[move(6, "transfer-out", "4.000000"), move(5, "DEPOSIT", "100.50", "COMPLETED")],
        { ...move(4, "deposit", "1"), timestampSec: 1_728_000_000 },
      ],
    },
  });
  stops.push(rig.server.stop);
  const all = await rig.venue.account.transfers?.(SINCE);
  expect(amounts(all)).toEqual(["-0.04", "6.13", "10", "-4", "100.5"]);
  expect(new Set(all?.map((one) => one.transferId)).size).toBe(5);
});
