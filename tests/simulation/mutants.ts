/** One small defect of the engine: text of a source file, and what stands there instead. */
export interface Mutant {
  readonly name: string;
  readonly patches: readonly Patch[];
  /** Where its search begins, when what brings it to light is rare: any seed finds it in the end. */
  readonly seed?: number;
}

interface Patch {
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

const PLACE = "src/execution/legs/place-leg.ts";
const RESOLVE = "src/execution/fate/resolve-attempt.ts";
const FATE = "src/execution/fate/fate-from-lists.ts";
const KILL = "src/execution/kill/kill-wish.ts";
const FLATTEN = "src/execution/kill/flatten-venue.ts";
const MATCH = "src/execution/legs/match-legs.ts";
const RECONCILE = "src/execution/reconcile.ts";
const WATCH = "src/execution/keep-watch.ts";
const OPEN = "src/execution/open-hedge.ts";
const SPOT = "src/execution/legs/spot-balance.ts";
const REDUCE = "src/execution/legs/reduce-leg.ts";
const FLATTEN_ONE = "src/execution/kill/flatten-position.ts";

/** Every one of these must make a schedule fail; one that survives fails the run. */
export const MUTANTS: readonly Mutant[] = [
  one("a timeout is taken for death, and the order sent again under a new id", PLACE, [
    'store.moveAttempt(clientOrderId, "unknown", outcome.kind)',
    'store.moveAttempt(clientOrderId, "dead", "never arrived")',
  ]),
  one("the same order is sent again when its answer is lost", PLACE, [
    'return { kind: "unknown", detail: "the venue\'s answer was lost" };',
    "return requireVenue(context, request.venue).trading.place(order);",
  ]),
  one("the first 'not found' is taken for death", FATE, [
    "if (venueTime <= request.expiresAt + VISIBILITY_MS) return null;",
    "",
  ]),
  one("'not found' from one source, at the fence, is taken for death", FATE, [
    "if (venueTime <= request.expiresAt + VISIBILITY_MS) return null;",
    "return venueTime > request.expiresAt ? [] : null;",
    8,
  ]),
  one("a look-up that failed is taken for 'not found'", RESOLVE, [
    "return askVenue(context, account.lookupOrder(request.symbol, request.clientOrderId));",
    'return askVenue(context, account.lookupOrder(request.symbol, request.clientOrderId)).catch(() => ({ kind: "notFound" as const, venueTime: Number.MAX_SAFE_INTEGER }));',
    5269,
  ]),
  {
    name: "the fence is far away, and death is declared after ten seconds all the same",
    patches: [
      patch(PLACE, "const lifeMs = settings.orderLifeMs", "const lifeMs = 50_000"),
      patch(FATE, "request.expiresAt + VISIBILITY_MS", "request.expiresAt - 40_000"),
    ],
  },
  one("the fence is compared with our own clock", FATE, [
    "if (venueTime <= request.expiresAt",
    "if (Math.max(venueTime, context.clock.wallNow()) <= request.expiresAt",
    595,
  ]),
  one("the row is written after the order was sent", PLACE, [
    "    store.insertAttempt(attempt);\n    return guarded;",
    "    queueMicrotask(() => store.transaction(() => store.insertAttempt(attempt)));\n    return guarded;",
  ]),
  one("open orders are not asked after once their sender is gone", RESOLVE, [
    "await Promise.all(stale.map((attempt) => resolveOnce(context, attempt)));",
    "void stale;",
  ]),
  one("the watch looks at opening hedges only", WATCH, [
    "const hedges = context.store.listHedges(LIVE_PHASES);",
    'const hedges = context.store.listHedges(["opening"]);',
  ]),
  one("a restart takes what was sent for dead", "src/execution/recover.ts", [
    'store.moveAttempt(clientOrderId, "unknown", "restart")',
    'store.moveAttempt(clientOrderId, "dead", "never arrived")',
  ]),
  {
    name: "orders that reduce are sent without reduce-only",
    patches: [
      patch(PLACE, 'reduceOnly: purpose !== "open",', "reduceOnly: false,"),
      patch("src/guard/ticket.ts", "if (order.reduceOnly !== reduceOnly)", "if (false)"),
    ],
  },
  one("a card that has expired still approves", "src/approvals/consume-approval.ts", [
    "return now < approval.expiresAt && store",
    "return store",
  ]),
  one("nobody compares books and venues", RECONCILE, [
    "if (matches(context, before, first))",
    "if (first.length > 0)",
  ]),
  one("a hedge is held and nobody is told", MATCH, ["|| !stays) {", "&& Number.isNaN(0)) {"]),
  one("a position that nothing explains is held and nobody is told", RECONCILE, [
    'reason: "UNEXPLAINED_POSITION",\n      hedgeId: hedge.id,',
    'reason: "UNEXPLAINED_POSITION",\n      hedgeId: null,',
  ]),
  one("a hedge is called open while an order is still out", MATCH, [
    "if (pending || (apart.gt(ZERO) && !tooSmall))",
    "if (apart.gt(ZERO) && !tooSmall && !pending)",
    184,
  ]),
  one("the store loses its last commits in a power cut", "tests/simulation/run-schedule.ts", [
    "if (this.loseAtRestart > 0) this.store",
    'if (this.swarm.isOn("powerLoss")) this.store.loseCommits(2); if (this.loseAtRestart > 0) this.store',
    2201,
  ]),
  one("the second leg is sized by the plan, not by the first one's fill", OPEN, [
    "const sizeBase = floorToStep(minOf<Decimal>(filled, deep.sizeBase), opening.step);",
    "const sizeBase = floorToStep(deep.sizeBase, opening.step);",
  ]),
  one("a first leg without a second is left alone", MATCH, [
    "if (difference(requireHedge(store, hedgeId)).eq(ZERO)) break;",
    "break;",
  ]),
  one("an opening order may leave after a halt", PLACE, [
    'if (leg.purpose === "open" && store.tradingState() !== "active") {',
    'if (leg.purpose === "open" && store.tradingState() === "reducing") {',
    221,
  ]),
  one("a list of fills need not add up", "src/execution/legs/book-fills.ts", [
    ".eq(order.filledBase);",
    ".lte(order.sizeBase);",
  ]),
  one("'duplicate id' is taken for a refusal", PLACE, [
    'if (outcome.kind === "refused" && outcome.code !== "DUPLICATE_CLIENT_ORDER_ID") {',
    'if (outcome.kind === "refused") {',
    183,
  ]),
  one("a /kill that did not end flat is forgotten", WATCH, ["pursueKill(context),", ""]),
  one("/kill does not mind orders that may still fill", FLATTEN, [
    "if (left.length > 0 || orders?.length !== 0 || mayStillFill(context, venue.id)) return false;",
    "if (left.length > 0) return false;",
    81893,
  ]),
  one("/kill forgets to halt", KILL, ['store.setTradingState("halted");\n', ""]),
  one("/kill is given up when it cannot be written at once", KILL, [
    "await clock.sleep(RETRY_MS);",
    "return;",
    189,
  ]),
  one("nobody is warned of what cannot be shown to be neutral", WATCH, [
    "for (const hedge of hedges) warnWhenUnsure(context, hedge);",
    "",
    8,
  ]),
  one(
    "a resting order is taken for unfilled once it is cancelled",
    "src/execution/legs/maker-first.ts",
    [
      'return finishLeg(context, sent, { kind: "unknown", detail: "taken off the book" });',
      'return finishLeg(context, sent, { kind: "refused", code: "EXPIRED", detail: "" });',
    ],
  ),
  one("who waited long enough takes an order for dead", RESOLVE, [
    "if (clock.elapsedMs() >= giveUpMs) return null;",
    'if (clock.elapsedMs() >= giveUpMs) { context.store.transaction(() => context.store.moveAttempt(attempt.clientOrderId, "dead", "never arrived")); return { filledBase: baseSize(ZERO), detail: "dead" }; }',
    73,
  ]),
  one("a hedge is called closed while an order is still out", "src/execution/close-hedge.ts", [
    "if (!flat || hasLiveAttempt(context, hedgeId)) return null;",
    "if (!flat) return null;",
    3456,
  ]),
  one("an adopted change and its alert are two steps", RECONCILE, [
    "    tellChanged(context, refreshLegs(context, hedge.id), added);",
    "    const now = refreshLegs(context, hedge.id);\n    void context.clock.sleep(1).then(() => store.transaction(() => tellChanged(context, now, added)));",
  ]),
  one("positions of unknown origin are not told of", WATCH, [
    "raiseOnce(context, key, alert, STRANGER_AGAIN_MS);",
    "void alert;",
    834,
  ]),
  one("an order of an unknown Hedgerow is not told of", RECONCILE, [
    "for (const fill of added) haltIfForeign(context, hedge, fill);",
    "void haltIfForeign;",
    139,
  ]),
  one("a second order leaves beside the one whose booking failed, and is forgotten", OPEN, [
    'if (firstEnd.status === "rejected") throw firstEnd.reason;',
    'if (firstEnd.status === "rejected") context.memory.inFlight.add(first.attempt.clientOrderId);',
    547,
  ]),
  one("an unknown Hedgerow is told of, and trading goes on", RECONCILE, [
    '  store.setTradingState("halted");\n',
    "",
    139,
  ]),
  one("death is proven by look-ups alone", FATE, [
    "return unheardOf ? [] : null;",
    "return [];",
    309,
  ]),
  one("a hedge is called open while both its legs are cut", "src/execution/cut-hedge.ts", [
    'store.updateHedge(now, { phase: "unwinding" });',
    "",
  ]),
  one("the owner's own coins count as a hedge's when everything is closed", SPOT, [
    "? maxOf<Decimal>(minOf<Decimal>(reported, leg.heldBase), ZERO)",
    "? reported",
    1140,
  ]),
  one("a close sells of the whole balance, also when its leg is closed already", REDUCE, [
    "const explained = explainedPart(context, position);",
    "const explained = position;",
    2016,
  ]),
  one("coins that were brought to a loan are sold to close it", SPOT, [
    "return isWhole || isMore ? booked : minOf<Decimal>(reported, ZERO);",
    "return isWhole || isMore ? booked : reported;",
    784,
  ]),
  one("/kill sells a second time beside an order that may still fill", FLATTEN_ONE, [
    "if (isSpotSymbol(symbol) && owner && mayStillFill(context, owner)) return;",
    "",
    1717,
  ]),
  {
    name: "an order that closes a spot leg may borrow",
    patches: [
      patch(
        PLACE,
        'reduceOnly: purpose !== "open",',
        'reduceOnly: purpose !== "open" && !order.symbol.endsWith("-SPOT"),',
      ),
      patch("src/guard/ticket.ts", "if (order.reduceOnly !== reduceOnly)", "if (false)"),
    ],
  },
  one("interest on a loan is taken for a stranger's position", SPOT, [
    "return over.gte(growth.neg()) && over.lte(leftoverLimit(context, place));",
    "return over.gte(ZERO) && over.lte(leftoverLimit(context, place));",
    1061,
  ]),
  one("interest that was not booked yet stays behind as a debt", SPOT, [
    "return targetBase.times(MOST_UNBOOKED_GROWTH);",
    "return targetBase.times(ZERO);",
    1061,
  ]),
  one("what a loan grew by is never booked", "src/core/figures/borrow.ts", [
    "if (symbol === null || !grownBase?.gt(ZERO)) return null;",
    "if (symbol !== null || !grownBase?.gt(ZERO)) return null;",
    671,
  ]),
  one("the fee in coins is forgotten in the fill", "src/venues/spot/net-size.ts", [
    'side === "buy" ? size.minus(feeCoins) : size.plus(feeCoins)',
    "size",
    692,
  ]),
  one("coins that are missing are taken for the owner's own", SPOT, [
    'leg.side === "long" && over.gte(ZERO),',
    'leg.side === "long",',
  ]),
  one("what the owner bought beside a leg is booked to its hedge", RECONCILE, [
    "return fill.side === closingOrderSide(leg.side) && !isWhole;",
    "return !isWhole;",
  ]),
  one("beside coins that came a lost order never ends", FATE, [
    "return isSpotSymbol(request.symbol) && looks >= LOOKS_AGAINST_BALANCE;",
    "return false;",
    2798,
  ]),
  one("whatever interest did to the legs may stay", "src/execution/judge-drift.ts", [
    'if (asked.action === "none") return true;',
    "return true;",
    9533,
  ]),
];

function one(
  name: string,
  file: string,
  [find, replace, seed]: readonly [find: string, replace: string, seed?: number],
): Mutant {
  return { name, patches: [patch(file, find, replace)], ...(seed === undefined ? {} : { seed }) };
}

function patch(file: string, find: string, replace: string): Patch {
  return { file, find, replace };
}
