import { expect, test } from "bun:test";
import { openHedge } from "#src/execution/open-hedge.ts";
import { recover } from "#src/execution/recover.ts";
import type { Venue } from "#src/ports/venue.ts";
import {
  admitHedge,
  createTradingRig,
  positionsOf,
  type TradingRig,
} from "#tests/support/trading-rig.ts";

/** Makes the n-th venue call from now on, and every later one, die: before or after its effect. */
function crashAt(rig: TradingRig, callNumber: number, after: boolean): () => number {
  let calls = 0;
  const wrap =
    <A extends unknown[], R>(call: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      calls += 1;
      if (calls > callNumber || (calls === callNumber && !after)) return dead();
      const result = await call(...args);
      return calls === callNumber ? dead() : result;
    };
  for (const venue of [rig.alpha, rig.beta]) {
    const account: { -readonly [K in keyof Venue["account"]]: Venue["account"][K] } = venue.account;
    venue.trading.place = wrap(venue.trading.place);
    account.positions = wrap(account.positions);
    account.lookupOrder = wrap(account.lookupOrder);
  }
  return () => calls;
}

/** A dead process never goes on: what awaits it waits for ever. */
function dead(): Promise<never> {
  return new Promise<never>(() => {});
}

test("killed at any venue call while opening, before or after its effect, recovery ends neutral", async () => {
  let crashes = 0;
  for (const after of [false, true]) {
    for (let callNumber = 1; callNumber <= 12; callNumber += 1) {
      const rig = createTradingRig();
      rig.market.setDepth("beta", "0.05");
      const plan = admitHedge(rig);
      const calls = crashAt(rig, callNumber, after);
      const opening = openHedge(rig.context, plan);
      await Promise.race([opening, settleMicrotasks()]);
      if (calls() >= callNumber) crashes += 1;

      const reborn = createTradingRig({ records: rig.records, store: rig.store });
      reborn.clock.jump(60_000);
      await recover(reborn.context);

      const [a = "0", b = "0"] = await positionsOf(reborn);
      expect(`${callNumber} ${after} ${a.replace("-", "")}`).toBe(`${callNumber} ${after} ${b}`);
      expect(["open", "closed"]).toContain(rig.store.getHedge("H-1")?.phase ?? "none");
      await recover(reborn.context);
      expect(await positionsOf(reborn)).toEqual([a, b]);
    }
  }
  expect(crashes).toBeGreaterThanOrEqual(8);
});

async function settleMicrotasks(): Promise<void> {
  for (let turn = 0; turn < 2_000; turn += 1) await Promise.resolve();
}
