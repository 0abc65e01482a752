import { dec } from "#src/core/decimal.ts";
import { createEngineMemory } from "#src/execution/engine-memory.ts";
import { killSwitch } from "#src/execution/kill/kill-switch.ts";
import { wantKill } from "#src/execution/kill/kill-wish.ts";
import { createSystemClock } from "#src/runtime/system-clock.ts";
import { openStore } from "#src/store/sqlite-store.ts";
import { openCheck } from "#tests/support/builders.ts";
import { silentLogger } from "#tests/support/silent-logger.ts";
import { createCountingIds } from "#tests/support/trading-rig.ts";
import type { ScriptedVenue } from "./scripted-venue.ts";

/** /kill over one venue alone, in real time; what it came to, and the orders whose fate is still open. */
export async function killVenue({ venue }: ScriptedVenue) {
  const clock = createSystemClock();
  const store = openStore({ path: ":memory:", wallNow: clock.wallNow });
  store.transaction(() => {
    store.setFact("ownerId", "1");
    store.setFact("chatId", "1");
  });
  const context = {
    ...{ venues: new Map([[venue.id, venue]]), store, clock, ids: createCountingIds() },
    ...{ log: silentLogger, limits: openCheck().limits, shout: () => undefined },
    memory: createEngineMemory(clock.elapsedMs()),
    settings: {
      ...{ orderLifeMs: 5_000, makerWaitMs: 0, secondLegTries: 2, retryDelayMs: 50 },
      ...{ maxSlippage: dec("0.0005"), emergencySlippage: dec("0.01") },
      rebalance: { maxDrift: dec("0.03"), minUsd: dec("100"), intervalMs: 300_000 },
    },
  };
  store.transaction(() => wantKill(context));
  const result = await killSwitch(context, { startedAt: clock.wallNow() });
  return { flat: result.flat, open: store.listAttempts({ states: ["sent", "unknown"] }).length };
}
