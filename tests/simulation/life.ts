import { consumeApproval } from "#src/approvals/consume-approval.ts";
import { canonicalHash } from "#src/core/canonical-hash.ts";
import { type Decimal, dec } from "#src/core/decimal.ts";
import type { Hedge } from "#src/core/hedge.ts";
import { isSpotSymbol } from "#src/core/instrument.ts";
import type { OpenProposal } from "#src/core/proposal.ts";
import { baseSize } from "#src/core/units.ts";
import { closeHedge } from "#src/execution/close-hedge.ts";
import type { ExecutionContext } from "#src/execution/context.ts";
import { cutHedge } from "#src/execution/cut-hedge.ts";
import { createEngineMemory } from "#src/execution/engine-memory.ts";
import { withWireLog } from "#src/execution/fate/wire-log.ts";
import { keepWatch } from "#src/execution/keep-watch.ts";
import { killSwitch } from "#src/execution/kill/kill-switch.ts";
import { insistOnKill, wantKill } from "#src/execution/kill/kill-wish.ts";
import { refreshLegs } from "#src/execution/legs/book-fills.ts";
import { openHedge } from "#src/execution/open-hedge.ts";
import { recover } from "#src/execution/recover.ts";
import { checkOpen } from "#src/guard/check.ts";
import type { OpenCheck } from "#src/guard/leg-rules.ts";
import { bookInterest } from "#src/ledger/book-interest.ts";
import type { Venue } from "#src/ports/venue.ts";
import { type LegSpec, openCheck } from "#tests/support/builders.ts";
import { silentLogger } from "#tests/support/silent-logger.ts";

import { type Process, processClock } from "./process.ts";
import type { SimStore } from "./sim-store.ts";

export const TEND_MS = 5_000;
/** Rounds of the watch between two looks at what was charged. */
const CHARGES_EACH = 4;

/** The engine in one process, and what its owner can ask of it: the same calls that the doors make. */
export interface Life {
  readonly context: ExecutionContext;
  /** Start is recovery; then the watch, for as long as the process lives. */
  readonly boot: (ready: () => void) => Promise<void>;
  readonly approve: (nonce: string) => void;
  readonly close: (hedgeId: string) => void;
  /** As the watch does when a leg comes near its liquidation. */
  readonly cut: (hedgeId: string, share: Decimal) => void;
  readonly halt: () => void;
  readonly kill: () => void;
}

export function beginLife(parts: {
  readonly process: Process;
  readonly store: SimStore;
  readonly venues: readonly Venue[];
  readonly makerWaitMs: number;
  /** Interest is charged here, and must be booked. */
  readonly borrows: boolean;
  readonly nextId: () => string;
  readonly shouted: (text: string) => void;
}): Life {
  const { process, store, nextId } = parts;
  const clock = processClock(process);
  const memory = createEngineMemory(clock.elapsedMs());
  const context: ExecutionContext = {
    venues: new Map(
      parts.venues.map((venue) => [venue.id, withWireLog(venue, { store, clock, memory })]),
    ),
    ...{ store, clock, memory, log: silentLogger, limits: TEMPLATE.limits },
    ids: { next: (prefix) => `${prefix}-${nextId()}`, nonce: nextId },
    shout: parts.shouted,
    settings: { ...SETTINGS, makerWaitMs: parts.makerWaitMs },
  };
  const detached = (work: () => Promise<unknown>) => {
    // As the doors do: what fails is logged, and the watch goes on with what is on disk.
    void attempt(work).catch(() => undefined);
  };
  return {
    context,
    async boot(ready) {
      await recover(context).catch(() => undefined);
      ready();
      for (let round = 0; ; round += 1) {
        detached(() => keepWatch(context));
        if (parts.borrows && round % CHARGES_EACH === 0) {
          detached(() => bookCharges(context, store));
        }
        await clock.sleep(TEND_MS);
      }
    },
    approve: (nonce) => detached(() => approve(context, store, nonce)),
    close: (hedgeId) =>
      detached(async () => {
        const hedge = store.getHedge(hedgeId);
        if (hedge) await closeHedge(context, { hedge });
      }),
    cut: (hedgeId, share) =>
      detached(async () => {
        const version = store.getHedge(hedgeId)?.version;
        if (version !== undefined) await cutHedge(context, { hedgeId, version, share });
      }),
    halt: () => detached(async () => store.transaction(() => store.setTradingState("halted"))),
    kill: () =>
      detached(async () => {
        await insistOnKill(context, () => store.transaction(() => wantKill(context)));
        await killSwitch(context, { startedAt: clock.wallNow() });
      }),
  };
}

/** As the pipeline does beside the watch. */
async function bookCharges(context: ExecutionContext, store: SimStore): Promise<void> {
  const { venues, clock, log } = context;
  const refresh = (hedgeId: string) => void refreshLegs(context, hedgeId);
  await bookInterest({ store, venues, clock, log, refresh });
}

async function attempt(work: () => Promise<unknown>): Promise<unknown> {
  return work();
}

const SETTINGS = {
  ...{ orderLifeMs: 10_000, secondLegTries: 3, retryDelayMs: 2_000 },
  ...{ maxSlippage: dec("0.0005"), emergencySlippage: dec("0.01") },
  rebalance: { maxDrift: dec("0.03"), minUsd: dec("100"), intervalMs: 300_000 },
};

const [PERP, SPOT] = [{ symbol: "BTC-PERP" }, { symbol: "BTC-SPOT", kind: "spot" }] as const;

/** What a schedule may open: the first leg first. */
const SHAPES = {
  perps: [leg("alpha", "short", PERP), leg("beta", "long", PERP)],
  perpThenCoins: [leg("alpha", "short", PERP), leg("alpha", "long", SPOT)],
  coinsThenPerp: [leg("alpha", "long", SPOT), leg("alpha", "short", PERP)],
  perpThenLoan: [leg("alpha", "long", PERP), leg("alpha", "short", SPOT)],
  loanThenPerp: [leg("alpha", "short", SPOT), leg("alpha", "long", PERP)],
} as const satisfies Record<string, readonly [LegSpec, LegSpec]>;

export type Shape = keyof typeof SHAPES;

const TEMPLATES: ReadonlyMap<string, OpenCheck> = new Map(
  Object.entries(SHAPES).map(([shape, legs]) => [shape, openCheck(legs)]),
);
const TEMPLATE = openCheck();

function leg(venue: string, side: LegSpec["side"], of: typeof PERP | typeof SPOT): LegSpec {
  const isSpot = isSpotSymbol(of.symbol);
  return { venue, side, instrument: isSpot ? { ...of, maxLeverage: dec("1") } : of };
}

/** As the pipeline does: the yes is used up, the guard asked and the hedge written in one step. */
async function approve(context: ExecutionContext, store: SimStore, nonce: string): Promise<void> {
  const now = context.clock.wallNow();
  const approval = store.getApproval(nonce);
  if (!approval) return;
  const { proposal, hash: proposalHash } = planFor(approval.subjectId);
  const admitted = store.transaction(() => {
    if (!consumeApproval(store, approval, "approved", now)) return null;
    const verdict = checkOpen({
      ...checkFor(approval.subjectId, proposal, now),
      tradingState: store.tradingState(),
      proposalHash,
      authority: { kind: "approval", approvalId: nonce, subjectHash: approval.subjectHash },
    });
    if (!verdict.ok) return null;
    const hedge = plannedHedge(context, proposal);
    store.insertHedge(hedge);
    return { hedge, ticket: verdict.ticket };
  });
  if (admitted) await openHedge(context, { ...admitted, proposal });
}

const plans = new Map<string, { readonly proposal: OpenProposal; readonly hash: string }>();

export function planId(asset: string, shape: Shape): string {
  return `${asset} ${shape}`;
}

/** One plan an asset and shape, always the same: half a coin of each leg. */
export function planFor(id: string) {
  let plan = plans.get(id);
  if (!plan) {
    const proposal = makePlan(id);
    plan = { proposal, hash: canonicalHash(proposal) };
    plans.set(id, plan);
  }
  return plan;
}

function makePlan(id: string): OpenProposal {
  const [asset = ""] = id.split(" ");
  const { proposal } = templateOf(id);
  const [a, b] = proposal.legs;
  const named = (leg: typeof a) => ({ ...leg, asset, symbol: leg.symbol.replace("BTC", asset) });
  return {
    ...proposal,
    ...{ id, asset, createdAt: 0, expiresAt: Number.MAX_SAFE_INTEGER },
    legs: [named(a), named(b)],
  };
}

function templateOf(id: string): OpenCheck {
  const shape = id.split(" ")[1] ?? "";
  const template = TEMPLATES.get(shape);
  if (!template) throw new Error(`no plan ${id}`);
  return template;
}

function checkFor(id: string, proposal: OpenProposal, now: number): OpenCheck {
  const template = templateOf(id);
  const [a, b] = template.snapshot.legs;
  const fresh = (leg: typeof a, index: 0 | 1): typeof a => {
    const { symbol, asset } = proposal.legs[index];
    return {
      ...leg,
      instrument: { ...leg.instrument, symbol, asset },
      book: { ...leg.book, symbol, observedAt: now },
      funding: { ...leg.funding, symbol, asset, observedAt: now },
      account: { ...leg.account, observedAt: now },
      ...(leg.borrow ? { borrow: { ...leg.borrow, asset, observedAt: now } } : {}),
    };
  };
  const snapshot = {
    ...template.snapshot,
    takenAt: now,
    legs: [fresh(a, 0), fresh(b, 1)] as const,
  };
  return { ...template, proposal, now, snapshot };
}

function plannedHedge({ clock }: ExecutionContext, proposal: OpenProposal): Hedge {
  const leg = (index: 0 | 1) => {
    const { venue, symbol, side, sizeBase: targetBase } = proposal.legs[index];
    return { index, venue, symbol, side, targetBase, heldBase: baseSize("0"), entryPrice: null };
  };
  return {
    ...{ id: `H-${proposal.asset}`, asset: proposal.asset, phase: "opening", version: 1 },
    ...{ proposalId: proposal.id, mandateId: null, closedAt: null },
    legs: [leg(0), leg(1)],
    openedAt: clock.marketNow(),
    createdAtWall: clock.wallNow(),
  };
}
