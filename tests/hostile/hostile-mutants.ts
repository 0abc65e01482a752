import type { Mutant } from "#tests/simulation/mutants.ts";

const RULES = "src/guard/rules.ts";
const CHECK = "src/guard/check.ts";
const TICKET = "src/guard/ticket.ts";
const MANDATE = "src/guard/mandate-rules.ts";
const TAP = "src/approvals/consume-approval.ts";
const BUILD = "src/proposals/build-proposal.ts";
const WITHIN = "src/pipeline/propose/open-within.ts";
const DECIDE = "src/pipeline/choose/decide-with-models.ts";
const WATCH = "src/pipeline/watch.ts";
const PLACE = "src/execution/legs/place-leg.ts";
const OPEN = "src/execution/open-hedge.ts";
const LEG_RULES = "src/guard/leg-rules.ts";
const MARKET_RULES = "src/guard/market-rules.ts";
const LENT = "src/rates/list-spot.ts";
const COINS = "src/execution/legs/spot-balance.ts";
const PROPOSE = "src/pipeline/propose/propose-open.ts";

/** Any seed finds it in the end; this one early. */
interface SeededMutant extends Mutant {
  readonly seed: number;
  /** Only a market with spot shows it. */
  readonly spot?: boolean;
}

type Edit = readonly [file: string, find: string, replace: string];

/** Limits across hedges: the sizing keeps to them, too. */
const SHARES = [
  ["a venue's share", "venueRoom", "VENUE_SHARE_EXCEEDED", "venueShareOfEquity", 23],
  ["how large one leg may be", "singlePosition", "SINGLE_POSITION_EXCEEDED", "singlePosition", 11],
  ["how much may be hedged", "utilisation", "UTILISATION_EXCEEDED", "maxUtilisation", 7],
] as const;

/**
 * Defects of what stands between a model and an order. Where two rules guard the same thing, both are
 * taken out: each is there because the other may fail.
 */
export const HOSTILE_MUTANTS: readonly SeededMutant[] = [
  defect("the guard forgets the share of the equity", 17, [
    RULES,
    "  eachLeg(withinEquityShare),\n",
    "",
  ]),
  defect("the guard forgets the hard cap", 12, [RULES, "  eachLeg(withinHardCap),\n", ""]),
  ...SHARES.map(([name, bound, code, limit, seed]) =>
    defect(
      `the guard forgets ${name}`,
      seed,
      [RULES, `  withinAllocation("${bound}", "${code}"),\n`, ""],
      [
        "src/proposals/bound-size.ts",
        "wantedLeg(b.leg)], limits)",
        `wantedLeg(b.leg)], { ...limits, ${limit}: limits.${limit}.plus("99") })`,
      ],
    ),
  ),
  defect("nothing stops after the day's loss", 12, [RULES, "  noEntryStop,\n", ""]),
  defect("the guard forgets how near liquidation is", 2, [
    RULES,
    "  eachLeg(liquidationFar),\n",
    "",
  ]),
  defect("the guard takes an old book", 6, [RULES, "  eachLeg(bookFresh),\n", ""]),
  defect("the guard takes an old rate", 10, [RULES, "  eachLeg(rateFresh),\n", ""]),
  defect("the guard takes an old equity", 6, [RULES, "  eachLeg(equityFresh),\n", ""]),
  defect("the guard takes a contract that is not linear", 7, [
    RULES,
    "  eachLeg(linearOnly),\n",
    "",
  ]),
  defect("the guard takes two prices for one asset", 1, [RULES, "  pricesAgree,\n", ""]),
  defect("the price may move between card and tap", 22, [RULES, "[eachLeg(priceUnmoved), ", "["]),
  defect(
    "a position that is there already is built upon",
    4,
    [RULES, "  eachLeg(noOtherPosition),\n", ""],
    [
      "src/execution/legs/pre-flight.ts",
      "!isLeftover(context, leg, sizeIn(positions, symbol)),",
      "false,",
    ],
  ),
  defect("a leverage that could not be lowered is taken", 13, [
    "src/execution/legs/pre-flight.ts",
    "return leverage?.gt(wanted) ?? false;",
    "return false;",
  ]),
  defect(
    "the long leg is smaller than the short one",
    1,
    [RULES, "  equalBase,\n", ""],
    [
      BUILD,
      "planLeg(long, short, sized.sizeBase)",
      'planLeg(long, short, sized.sizeBase.minus("0.002"))',
    ],
  ),
  defect(
    "both legs go the same way",
    1,
    [RULES, "  oppositeSides,\n", ""],
    [BUILD, 'look(snapshot.legs[1], "long", options)', 'look(snapshot.legs[1], "short", options)'],
  ),
  defect(
    "both legs are on one venue",
    1,
    [RULES, "  venuePairValid,\n", ""],
    [PROPOSE, "[short.instrument, long.instrument]", "[short.instrument, short.instrument]"],
  ),
  defect(
    "a halt stops neither the guard nor what is on its way",
    1,
    [RULES, 'if (tradingState === "halted") return denial("TRADING_HALTED");', ""],
    [PLACE, 'store.tradingState() !== "active"', "false"],
  ),
  defect("an opening goes on after a halt", 1, [
    PLACE,
    'store.tradingState() !== "active"',
    "false",
  ]),
  defect("trading begins before recovery is over", 11, [
    "src/pipeline/context.ts",
    'gate.recovering && state === "active" ? "reducing" : state',
    "state",
  ]),
  defect(
    "a card never expires",
    16,
    [TAP, 'if (now >= approval.expiresAt) return { ok: false, why: "expired" };', ""],
    [TAP, "now < approval.expiresAt && store", "store"],
    [RULES, "  notExpired,\n", ""],
  ),
  defect("a card lives for twenty minutes", 5, [
    "src/pipeline/propose/ask-owner.ts",
    "APPROVAL_LIFE_MS = 120_000",
    "APPROVAL_LIFE_MS = 1_200_000",
  ]),
  defect("anybody may tap", 4, [
    TAP,
    'if (approval.ownerId !== tap.userId) return { ok: false, why: "notOwner" };',
    "",
  ]),
  defect("a tap counts in any chat", 8, [
    TAP,
    "approval.chatId !== tap.chatId || elsewhere",
    "elsewhere",
  ]),
  defect("a tap counts on any message", 5, [
    TAP,
    "approval.chatId !== tap.chatId || elsewhere",
    "approval.chatId !== tap.chatId",
  ]),
  defect(
    "a card can be used again and again",
    1,
    [TAP, 'if (approval.state === "declined") return { ok: false, why: "declined" };', ""],
    [TAP, 'if (approval.state !== "pending") return { ok: false, why: "alreadyUsed" };', ""],
    [
      TAP,
      "store.settleApproval(approval.nonce, to);",
      "(store.settleApproval(approval.nonce, to) || true);",
    ],
    [
      "src/pipeline/propose/admit-open.ts",
      'store.setProposalState(proposal.id, "approved");',
      'try { store.setProposalState(proposal.id, "approved"); } catch {}',
    ],
  ),
  defect("the plan may change after it was hashed", 7, [
    CHECK,
    'if (proposalHash !== canonicalHash(proposal)) return [denial("AUTHORITY_MISMATCH")];',
    "",
  ]),
  defect("the plan need not be the one on the card", 8, [
    CHECK,
    'authority.subjectHash === proposalHash ? [] : [denial("AUTHORITY_MISMATCH")]',
    "[]",
  ]),
  defect(
    "orders that should only reduce may do anything",
    1,
    [TICKET, 'if (order.reduceOnly !== reduceOnly) return denial("TICKET_NOT_REDUCE_ONLY");', ""],
    [PLACE, 'reduceOnly: purpose !== "open"', "reduceOnly: false"],
  ),
  defect(
    "a ticket does not count what it has given out",
    1,
    [TICKET, "order.sizeBase.lte(ZERO) || order.sizeBase.gt(left)", "false"],
    [
      OPEN,
      "minOf<Decimal>(filled, deep.sizeBase), opening.step)",
      'filled.times("2"), opening.step)',
    ],
  ),
  defect("a ticket never ends", 7, [
    TICKET,
    'if (now >= expiresAt) return denial("TICKET_EXPIRED", { lateMs: String(now - expiresAt) });\n    const leg',
    "const leg",
  ]),
  defect(
    "a ticket knows no worst price",
    1,
    [TICKET, "if (leg.collarPrice && isBeyond(order, leg.collarPrice)) {", "if (false) {"],
    [
      OPEN,
      "const order = { venue, symbol, limitPrice, sizeBase",
      'const worse = limitPrice.times(side === "long" ? "1.01" : "0.99").round(2);\n  const order = { venue, symbol, limitPrice: worse as typeof limitPrice, sizeBase',
    ],
  ),
  defect(
    "legs are left unequal and nobody is told",
    4,
    [
      "src/execution/legs/match-legs.ts",
      "if (sizeBase.eq(ZERO)) return null;\n  const slippage",
      "return null;\n  const slippage",
    ],
    [
      "src/execution/legs/match-legs.ts",
      "if (pending || (apart.gt(ZERO) && !tooSmall))",
      "if (pending)",
    ],
    [
      "src/execution/legs/match-legs.ts",
      "if (apart.gt(ZERO)) noteDust(context, now, apart);",
      "if (apart.gt(ZERO)) void noteDust;",
    ],
  ),
  defect(
    "a reducing order goes the wrong way",
    1,
    [
      "src/execution/legs/reduce-leg.ts",
      'positionBase.gt(ZERO) ? "sell" : "buy"',
      'positionBase.gt(ZERO) ? "buy" : "sell"',
    ],
    [CHECK, 'if (!opposes) return denial("REDUCE_WOULD_INCREASE", at);', ""],
  ),
  defect(
    "a mandate has no bound a hedge",
    16,
    [MANDATE, "notional.gt(mandate.perHedgeUsd) &&", "false &&"],
    [WITHIN, "minOf(mandate.perHedgeUsd,", "minOf(mandate.totalUsd,"],
  ),
  defect(
    "a mandate has no total",
    9,
    [MANDATE, "use.openUsd.plus(notional).gt(mandate.totalUsd) &&", "false &&"],
    [WITHIN, "notionalUsd(mandate.totalUsd.minus(use.openUsd))", "mandate.perHedgeUsd"],
    [WITHIN, "mandate.totalUsd.lte(use.openUsd)", "false"],
  ),
  defect(
    "a mandate opens as often as it likes",
    16,
    [MANDATE, "use.opensToday >= mandate.opensPerDay &&", "false &&"],
    [WITHIN, "use.opensToday >= mandate.opensPerDay ||", ""],
  ),
  defect(
    "a mandate goes on after the day's loss",
    11,
    [MANDATE, "use.pnlTodayUsd.lt(mandate.lossPerDayUsd.neg()) &&", "false &&"],
    [WATCH, "if (use.pnlTodayUsd.gte(mandate.lossPerDayUsd.neg())) return;", "return;"],
  ),
  defect(
    "a mandate never ends",
    6,
    [MANDATE, 'use.marketNow >= mandate.endsAt && denial("MANDATE_ENDED"),', "false,"],
    [
      "src/approvals/mandate.ts",
      "armed !== null && armed.endsAt <= marketNow",
      "armed !== null && false",
    ],
  ),
  defect(
    "a mandate trades what it does not name",
    4,
    [MANDATE, "!mandate.assets.includes(proposal.asset) &&", "false &&"],
    [MANDATE, "!venues.every((venue) => mandate.venues.includes(venue)) &&", "false &&"],
    [WITHIN, " || !isCovered(mandate, opportunity)) return true;", ") return true;"],
    [
      "src/pipeline/choose/offer-choices.ts",
      "mandate ? isCovered(mandate, one) :",
      "mandate ? true :",
    ],
  ),
  defect("a mandate trades where nothing can be proven", 64, [
    MANDATE,
    "unprovable.length > 0 &&",
    "false &&",
  ]),
  defect(
    "a halt leaves the mandate armed",
    72,
    [
      "src/pipeline/propose/withdraw-open.ts",
      "  revokeMandate(store, actor, clock.wallNow());\n",
      "",
    ],
    [WATCH, 'if (store.tradingState() === "halted") revokeMandate', "if (false) revokeMandate"],
  ),
  defect(
    "one of several models is enough",
    1,
    ["src/pipeline/choose/gate-votes.ts", "const AGREEING = 2", "const AGREEING = 1"],
    ["src/pipeline/choose/gate-votes.ts", "if (leaders.length > 1)", "if (false)"],
  ),
  defect(
    "a model may choose what was not offered",
    11,
    [
      "src/pipeline/choose/gate-votes.ts",
      'vote.choice === "HOLD" || offered.has(vote.choice) ? vote.choice : null',
      "vote.choice",
    ],
    [
      DECIDE,
      "const row = openRowOf(table, choice);",
      'const row = openRowOf(table, choice) ?? (choice.startsWith("O") ? table.opens.at(-1) : null);',
    ],
  ),
  defect("a mandate opens though no model said a word", 1, [
    DECIDE,
    'return openWithoutModel ? "OPENS_WITHOUT_MODEL" : "CARDS_ONLY";',
    'return "OPENS_WITHOUT_MODEL";',
  ]),
  defect("a mandate is larger when a model chose", 2, [
    "src/pipeline/choose/act-on-decision.ts",
    "await openWithin(context, mandate, opens, note)",
    'await openWithin(context, { ...mandate, perHedgeUsd: mandate.perHedgeUsd.times("5") as typeof mandate.perHedgeUsd, totalUsd: mandate.totalUsd.times("5") as typeof mandate.totalUsd }, opens, note)',
  ]),
  defect(
    "a tool takes fields that nobody offered",
    3,
    ["tools/propose-hedge.ts", "z.strictObject", "z.looseObject"],
    ["tools/registry.ts", "additionalProperties !== false ||", ""],
  ),
  defect(
    "the gate runs what does not fit the schema",
    1,
    ["tools/tool.ts", "if (!parsed.success) return null;", ""],
    ["tools/tool.ts", "(context, parsed.data)", "(context, (parsed.data ?? input) as never)"],
  ),
  defect("a tool that proposes also executes", 3, [
    "tools/propose-close.ts",
    'describeProposal(await pipeline.proposeClose(hedge, "agent"))',
    '(await pipeline.kill("agent"), describeProposal(await pipeline.proposeClose(hedge, "agent")))',
  ]),
  defect("a model may ask as often as it likes", 11, [
    "src/pipeline/propose/spare-the-owner.ts",
    "|| cardsToday(context) >= MOST_A_DAY",
    "",
  ]),
  defect("a proposal approves itself", 1, [
    PROPOSE,
    'putBeforeOwner(context, planned.proposal);\n  return { kind: "proposed"',
    'putBeforeOwner(context, planned.proposal);\n  const [asked] = context.store.listApprovals({ subjectId: planned.proposal.id });\n  const confirm = await import("./confirm.ts");\n  if (asked) await confirm.approve(context, { nonce: asked.nonce, userId: 1, chatId: 1, messageId: 0 });\n  return { kind: "proposed"',
  ]),
  defect(
    "a nonce is written where a model reads",
    1,
    [
      PROPOSE,
      'return { kind: "proposed", proposal: planned.proposal };',
      'const [asked] = context.store.listApprovals({ subjectId: planned.proposal.id });\n  return { kind: "proposed", proposal: { ...planned.proposal, asset: asked?.nonce ?? "" } };',
    ],
    ["tools/tool.ts", "output.parse(result)", "result"],
  ),
  ...spotDefects(),
];

/** Of coins beside a perp, bought or borrowed. */
function spotDefects(): readonly SeededMutant[] {
  return [
    defect("coins are sold short that nobody lends", 8, [RULES, "  eachLeg(borrowable),\n", ""]),
    defect("a venue may lend less than is sold", 5, [
      MARKET_RULES,
      "if (old || maxBorrowBase === null || leg.sizeBase.lte(maxBorrowBase)) return old;",
      "if (old || maxBorrowBase !== undefined) return old;",
    ]),
    defect(
      "an old word about a loan is good enough",
      1,
      [
        MARKET_RULES,
        'const old = stale("BORROW_STALE", leg, observedAt, check',
        'const old = null && stale("BORROW_STALE", leg, observedAt, check',
      ],
      [LENT, "wallNow - observedAt <= BORROW_LIFE_MS &&", ""],
    ),
    defect("a loan may cost anything", 16, [
      LENT,
      "      perHour.gte(ZERO) &&\n      perHour.lte(MAX_BORROW_PER_HOUR),",
      "      perHour.gte(perHour.minus(MAX_BORROW_PER_HOUR)) && ZERO.eq(ZERO),",
    ]),
    defect(
      "coins may stand beside another venue's perp",
      2,
      [RULES, "a.venue === b.venue ? perps === 1 : perps === 2", "perps >= 1"],
      [
        "src/opportunities/pair-legs.ts",
        "const placeOf = ({ instrument: { asset, venue } }: RankLeg) =>",
        'const placeOf = ({ instrument: { asset, venue } }: RankLeg) => venue !== "" ? asset :',
      ],
    ),
    defect(
      "coins and perp draw on one balance as if on two",
      4,
      [LEG_RULES, "return isOnePool ? [{", "return isOnePool && !mine.venue ? [{"],
      ["src/proposals/pool-bounds.ts", "mine.venue === its.venue && mine", "!mine.venue && mine"],
    ),
    defect(
      "coins are bought on credit",
      4,
      [LEG_RULES, 'instrument.kind === "spot" ? ONE : limits.maxLeverage', "limits.maxLeverage"],
      [LEG_RULES, "minOf(most, instrument.maxLeverage)", "most"],
      ["src/rates/collect-snapshot.ts", "leverage: isSpot ? ONE : leverage", "leverage"],
    ),
    defect("an account past liquidation counts as far from it", 7, [
      "src/core/figures/margin.ts",
      "return isPast ? ZERO : liquidationDistance",
      "return liquidationDistance",
    ]),
    defect(
      "the owner's coins are built upon",
      5,
      [LEG_RULES, "positionBase.abs().lt(smallestOrderBase(instrument, markPrice))", "true"],
      [
        "src/execution/legs/pre-flight.ts",
        "!isLeftover(context, leg, sizeIn(positions, symbol)),",
        "!isSpotSymbol(symbol) && !isLeftover(context, leg, sizeIn(positions, symbol)),",
      ],
    ),
    defect("a loan may become dearer between card and tap", 6, [
      RULES,
      ", eachLeg(loanUnmoved)]",
      "]",
    ]),
    defect(
      "closing goes by the whole balance of coins",
      6,
      [
        "src/execution/legs/reduce-leg.ts",
        "explainedPart(context, position)",
        "(void explainedPart, position)",
      ],
      [
        "src/execution/legs/reduce-leg.ts",
        "if (leg && !isOnItsSide(leg, explained)) return NOTHING;",
        "void isOnItsSide;",
      ],
    ),
    defect("/kill sells the owner's coins", 6, [
      COINS,
      "if (!isSpotSymbol(position.symbol)) return position;",
      "if (position) return position;",
    ]),
    defect("/kill sells what is being sold already", 13, [
      "src/execution/kill/flatten-position.ts",
      "if (isSpotSymbol(symbol) && owner && mayStillFill(context, owner)) return;",
      "void mayStillFill;",
    ]),
    defect(
      "a mandate trades coins that it does not name",
      4,
      [MANDATE, "    spot.length > 0 && denial", "    false && denial"],
      [WITHIN, " && spotBeyond(mandate, legs).length === 0", ""],
    ),
    defect("a halt that was cut off leaves its cards", 1, [
      "src/pipeline/confirm.ts",
      'withdrawOffers(context, "owner");',
      "void withdrawOffers;",
    ]),
  ].map((one) => ({ ...one, spot: true }));
}

function defect(name: string, seed: number, ...edits: readonly Edit[]): SeededMutant {
  return { name, seed, patches: edits.map(([file, find, replace]) => ({ file, find, replace })) };
}
