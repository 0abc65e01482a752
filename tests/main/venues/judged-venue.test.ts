import { expect, test } from "bun:test";
import { createJudgedVenue } from "#src/main/venues/judged-venue.ts";
import { guarded, orderRequest } from "#tests/support/guarded-orders.ts";
import { createPaperRig } from "#tests/support/paper-rig.ts";

test("nothing opens on a venue whose key was not judged; what is held there is seen and closed", async () => {
  const { venue } = createPaperRig();
  let why: string | null = null;
  const judged = createJudgedVenue(venue, () => why);
  expect(judged.health()).toEqual({ state: "ok", reason: null });
  expect(judged.capabilities).toEqual(venue.capabilities);
  const opened = await judged.trading.place(guarded(orderRequest({ size: "0.1" })));
  expect(opened.kind).toBe("ack");

  why = "its key is not checked yet";
  expect(judged.health()).toEqual({ state: "recovering", reason: why });
  expect(await judged.trading.place(guarded(orderRequest({ size: "0.1" })))).toEqual({
    ...{ kind: "refused", code: "NOT_SENT" },
    detail: "nothing opens on alpha: its key is not checked yet",
  });
  const [held] = await judged.account.positions();
  expect(held?.sizeBase.toFixed()).toBe("0.1");
  const close = { size: "0.1", side: "sell", limit: "59000", reduceOnly: true } as const;
  const closed = await judged.trading.place(guarded(orderRequest(close)));
  expect(closed.kind).toBe("ack");
  expect(await judged.account.positions()).toEqual([]);
});

test("nothing opens with coins where spot was not confirmed, and perps and closing go on", async () => {
  const { venue } = createPaperRig();
  const judged = createJudgedVenue(
    venue,
    () => null,
    () => "spot there was not confirmed",
  );
  const coins = { size: "0.1", symbol: "BTC-SPOT" } as const;
  expect(await judged.trading.place(guarded(orderRequest(coins)))).toMatchObject({
    ...{ kind: "refused", code: "NOT_SENT" },
    detail: "nothing opens on alpha: spot there was not confirmed",
  });
  expect(judged.health().state).toBe("ok");
  expect((await judged.account.setup("BTC-SPOT")).status).toBe("reduceOnly");
  expect((await judged.account.setup("BTC-PERP")).status).toBe("trading");
  expect((await judged.trading.place(guarded(orderRequest({ size: "0.1" })))).kind).toBe("ack");
});
