import { and, eq, inArray } from "drizzle-orm";
import type { Mandate } from "#src/core/mandate.ts";
import { notionalUsd } from "#src/core/units.ts";
import type { MandateStore } from "#src/ports/trading-stores.ts";
import type { AuditTrail } from "./audit-trail.ts";
import type { OpenDatabase } from "./database.ts";
import { decodeNames, encodeJson } from "./json-codec.ts";
import { onFirstUse } from "./on-first-use.ts";
import { mandates } from "./schema.ts";

const FROM: Readonly<Record<Mandate["state"], readonly Mandate["state"][]>> = {
  offered: [],
  armed: ["offered"],
  revoked: ["offered", "armed"],
  expired: ["offered", "armed"],
};

export function createMandateStore(database: OpenDatabase, trail: AuditTrail): MandateStore {
  const { db, assertWriting } = database;
  const armed = onFirstUse(() =>
    db.select().from(mandates).where(eq(mandates.state, "armed")).prepare(),
  );
  return {
    insertMandate(mandate) {
      assertWriting();
      const row = {
        ...mandate,
        perHedgeUsd: mandate.perHedgeUsd.toFixed(),
        totalUsd: mandate.totalUsd.toFixed(),
        lossPerDayUsd: mandate.lossPerDayUsd.toFixed(),
        assets: encodeJson(mandate.assets),
        venues: encodeJson(mandate.venues),
        spotVenues: encodeJson(mandate.spotVenues),
      };
      db.insert(mandates).values(row).run();
      trail.append("mandate", "engine", row);
    },
    getMandate(id) {
      const row = db.select().from(mandates).where(eq(mandates.id, id)).get();
      return row ? revive(row) : null;
    },
    armedMandate() {
      const row = armed().get();
      return row ? revive(row) : null;
    },
    moveMandate(id, to, at) {
      assertWriting();
      const moved = db
        .update(mandates)
        .set({ state: to, ...(to === "armed" ? { armedAt: at } : {}) })
        .where(and(eq(mandates.id, id), inArray(mandates.state, [...FROM[to]])))
        .returning({ id: mandates.id })
        .all();
      if (moved.length === 1) trail.append("mandate", "engine", { id, state: to });
      return moved.length === 1;
    },
  };
}

function revive(row: typeof mandates.$inferSelect): Mandate {
  return {
    ...row,
    perHedgeUsd: notionalUsd(row.perHedgeUsd),
    totalUsd: notionalUsd(row.totalUsd),
    lossPerDayUsd: notionalUsd(row.lossPerDayUsd),
    assets: decodeNames(row.assets),
    venues: decodeNames(row.venues),
    spotVenues: decodeNames(row.spotVenues),
  };
}
