import { ZERO } from "#src/core/decimal.ts";
import { describeError } from "#src/core/errors.ts";
import { type Hedge, LIVE_PHASES } from "#src/core/hedge.ts";
import { baseSize, signedBase } from "#src/core/units.ts";
import { alertOwner, isNews } from "#src/execution/alert-owner.ts";
import { checkInvariants } from "#src/execution/invariants/check-invariants.ts";
import type { EngineView, HedgeView, Violation } from "#src/execution/invariants/engine-view.ts";
import { legAgrees } from "#src/execution/legs/spot-balance.ts";
import type { PipelineContext } from "#src/pipeline/context.ts";

type CheckedContext = Pick<
  PipelineContext,
  "store" | "clock" | "log" | "limits" | "execution" | "gate"
>;

/** The engine's contract, checked on the running engine: a broken rule halts trading and says so. */
export function checkOnline(context: CheckedContext): readonly Violation[] {
  const { store, log, execution } = context;
  const violations = checkInvariants(viewOf(context));
  const news = violations.filter(({ rule, hedgeId }) => isNews(execution, keyOf(rule, hedgeId)));
  for (const violation of news) log.error("invariantBroken", { ...violation });
  try {
    if (news.length > 0) store.transaction(() => haltFor(context, news));
  } catch (error) {
    // Not halted, so not said either: the next round tries again.
    log.error("haltNotWritten", { error: describeError(error) });
    for (const { rule, hedgeId } of news) execution.memory.toldMs.delete(keyOf(rule, hedgeId));
    execution.shout("A rule of the engine does not hold, and nothing can be written. /kill now.");
  }
  return violations;
}

function keyOf(rule: string, hedgeId: string | null): string {
  return `invariant:${rule}:${hedgeId}`;
}

function haltFor({ store, clock, execution }: CheckedContext, found: readonly Violation[]): void {
  store.setTradingState("halted");
  store.audit("stop", "engine", { violations: found }, clock.wallNow());
  for (const { rule, hedgeId, detail } of found) {
    alertOwner(execution, {
      severity: "critical",
      reason: "INVARIANT_BROKEN",
      hedgeId,
      text: `A rule of the engine does not hold (${rule}${hedgeId ? `, ${hedgeId}` : ""}: ${detail}). Trading is halted; open hedges are still watched and reduced. Look at both venues; /kill closes everything; please report this.`,
    });
  }
}

function viewOf(context: CheckedContext): EngineView {
  const { store, clock, execution, limits } = context;
  const { memory } = execution;
  const nowMs = clock.elapsedMs();
  const hedges = store.listHedges(LIVE_PHASES).map((hedge) => viewHedge(context, hedge));
  const view: EngineView = {
    nowMs,
    wallNow: clock.wallNow(),
    tradingState: store.tradingState(),
    hedges,
    wire: memory.wire,
    positionOf(venue, symbol) {
      // A venue that was read and does not list it holds nothing of it.
      if (!memory.readMs.has(venue)) return null;
      return signedBase(memory.seen.get(`${venue}:${symbol}`)?.position.sizeBase ?? ZERO);
    },
    agrees: (leg, reported) => legAgrees(execution, leg, reported),
    before: context.gate.checked,
    ticketLifeMs: limits.ticketLifeMs,
    auditIntact: isAuditWhole(context, nowMs),
    recoveringMs: context.gate.recovering ? nowMs - memory.startedMs : null,
    killDurableMs: context.gate.killDurableMs,
  };
  context.gate.checked = new Map(hedges.map((one) => [one.hedge.id, one]));
  return view;
}

/** The whole chain is read at the start and then once an hour; what was found holds in between. */
const AUDIT_EVERY_MS = 3_600_000;

function isAuditWhole({ store, gate }: CheckedContext, nowMs: number): boolean {
  const known = gate.audit;
  if (known && nowMs - known.readMs < AUDIT_EVERY_MS) return known.whole;
  gate.audit = { whole: store.verifyAudit() === null, readMs: nowMs };
  return gate.audit.whole;
}

function viewHedge({ store, execution }: CheckedContext, hedge: Hedge): HedgeView {
  const { memory } = execution;
  const { id } = hedge;
  const dust = store.getFact(`dust:${id}`);
  const approved = store
    .listApprovals({ subjectId: hedge.proposalId, state: "approved" })
    .some(({ subject }) => subject === "open");
  const neutralMs = memory.neutralMs.get(id) ?? memory.bornMs.get(id) ?? null;
  const toldMs = memory.toldMs.get(`unsure:${id}`);
  const told = (toldMs !== undefined && toldMs > (neutralMs ?? 0)) || hedge.phase === "review";
  return {
    hedge,
    attempts: store.listAttempts({ hedgeId: id }),
    fills: store.listFills(id),
    alerts: store.alertsAbout(id),
    authority: hedge.mandateId !== null ? "mandate" : approved ? "approval" : null,
    dustBase: dust === null ? null : baseSize(dust),
    lotBase: lotOf(execution, hedge),
    unsureSinceMs: told ? null : neutralMs,
  };
}

function lotOf({ memory }: PipelineContext["execution"], hedge: Hedge) {
  const lots = hedge.legs.map(
    (leg) =>
      memory.instruments.get(leg.venue)?.list.find((one) => one.symbol === leg.symbol)
        ?.lotStepBase ?? baseSize(ZERO),
  );
  const [a, b] = lots;
  return a && b ? (a.gt(b) ? a : b) : null;
}
