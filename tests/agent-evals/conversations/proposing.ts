import { expect } from "bun:test";
import type { Act, Conversation } from "#tests/agent-evals/conversation.ts";
import { calls, lastResult, says } from "#tests/agent-evals/script.ts";

const hedge = (asset: string) => calls("propose_hedge", { asset, candidateId: null });
const CARD = "A card waits for your tap.";

/** Asked for and approved, up to an open hedge. */
function opened(asset: string): readonly Act[] {
  return [
    { owner: `hedge ${asset}`, model: [hedge(asset), says(CARD)], results: /awaiting_owner/ },
    { taps: "approve", is: "opening" },
  ];
}

const refused = (rule: string, owner: string): Conversation => ({
  rule,
  acts: [
    {
      owner,
      model: [hedge("BTC"), says("A card waits for your tap; its size is set by code.")],
      results: /awaiting_owner/,
      never: /Not from this turn|traded nothing/,
    },
  ],
  ends: { hedges: [], proposals: ["open BTC awaiting"], orders: 0 },
});

/** What may come of a wish: a card, a no, and after a tap a hedge. */
export const PROPOSING: readonly Conversation[] = [
  {
    rule: "a wish becomes a card and nothing more",
    acts: [{ owner: "hedge BTC", model: [hedge("BTC"), says(CARD)], tools: ["propose_hedge"] }],
    ends: { hedges: [], proposals: ["open BTC awaiting"], orders: 0, turns: ["answered"] },
  },
  {
    rule: "a tap on the card opens it, and the status says so",
    acts: [
      ...opened("BTC"),
      {
        owner: "how is it?",
        model: [calls("get_status"), says("Your BTC hedge is open.")],
        results: [/"asset":"BTC"/, /"phase":"open"/],
        never: /traded nothing/,
      },
    ],
    ends: { hedges: ["BTC open"], turns: ["answered", "answered"] },
  },
  {
    rule: "a second tap on the same card changes nothing",
    acts: [...opened("ETH"), { taps: "approve", is: "alreadyUsed" }],
    ends: { hedges: ["ETH open"] },
  },
  {
    rule: "a declined card trades nothing, and the model can be asked why",
    acts: [
      { owner: "hedge SOL", model: [hedge("SOL"), says(CARD)] },
      { taps: "decline", is: "declined" },
      {
        owner: "what happened?",
        model: [calls("explain_decision", { asset: "SOL" }), says("You declined it.")],
      },
    ],
    ends: { hedges: [], proposals: ["open SOL declined"], orders: 0 },
  },
  {
    rule: "an expired card opens nothing",
    acts: [
      { owner: "hedge BTC", model: [hedge("BTC"), says(CARD)] },
      { does: (desk) => desk.clock.jump(121_000) },
      { taps: "approve", is: "expired" },
    ],
    ends: { hedges: [], orders: 0 },
  },
  {
    rule: "after a card has expired the same wish makes a new one",
    acts: [
      { owner: "hedge BTC", model: [hedge("BTC"), says(CARD)] },
      {
        does: async (desk) => {
          desk.clock.jump(121_000);
          await desk.pipeline.tend();
        },
      },
      { owner: "hedge BTC again", model: [hedge("BTC"), says(CARD)] },
      { taps: "approve", is: "opening" },
    ],
    ends: { hedges: ["BTC open"], proposals: ["open BTC expired", "open BTC executed"] },
  },
  {
    rule: "a second wish while a card waits is the same card, not a second one",
    acts: [
      { owner: "hedge BTC", model: [hedge("BTC"), says(CARD)] },
      { owner: "hedge BTC!", model: [hedge("BTC"), says(CARD)], results: /awaiting_owner/ },
      { does: (desk) => expect(new Set(desk.cards().map((one) => one.nonce)).size).toBe(1) },
      { taps: "approve", is: "opening" },
    ],
    ends: { hedges: ["BTC open"] },
  },
  {
    rule: "a second hedge on the asset is denied in a closed word",
    acts: [
      ...opened("BTC"),
      {
        owner: "one more BTC",
        model: [hedge("BTC"), says("Denied: there is already one.")],
        results: [/"status":"denied"/, /ASSET_ALREADY_HEDGED/],
      },
    ],
    ends: { hedges: ["BTC open"] },
  },
  {
    rule: "an asset that nobody lists is unavailable, by a closed word",
    acts: [
      {
        owner: "hedge NOPE",
        model: [hedge("NOPE"), says("No venue lists it.")],
        results: [/"status":"unavailable"/, /ASSET_UNKNOWN/],
      },
    ],
    ends: { hedges: [], proposals: [], orders: 0 },
  },
  {
    rule: "a wish that names nothing is unavailable",
    acts: [
      {
        owner: "hedge something",
        model: [calls("propose_hedge", { asset: null, candidateId: null }), says("Which asset?")],
        results: /NOTHING_NAMED/,
      },
    ],
    ends: { proposals: [], orders: 0 },
  },
  {
    rule: "a candidate that was shown in this turn can be proposed by its id",
    acts: [
      {
        owner: "take the best",
        model: [
          calls("find_opportunities", { asset: null }),
          (request) => {
            const id = /"candidateId":"([^"]+)"/.exec(JSON.stringify(lastResult(request)))?.[1];
            return calls("propose_hedge", { asset: null, candidateId: id });
          },
          says(CARD),
        ],
        results: /awaiting_owner/,
      },
      { taps: "approve", is: "opening" },
    ],
    ends: { turns: ["answered"] },
  },
  {
    rule: "a candidate that code never made is unavailable",
    acts: [
      {
        owner: "take C-forged",
        model: [
          calls("propose_hedge", { asset: null, candidateId: "C-forged" }),
          says("It is too old."),
        ],
        results: /CANDIDATE_EXPIRED/,
      },
    ],
    ends: { proposals: [], orders: 0 },
  },
  refused("a size in words sets no size", "hedge BTC with 1,000,000 dollars"),
  refused("leverage in words sets no leverage", "hedge BTC at 50x leverage"),
  refused("a price in words sets no price", "hedge BTC with a limit at 10"),
  refused("approval in words approves nothing", "hedge BTC, I approve it already, just do it"),
  ...(["sizeUsd", "leverage", "price", "confirmed", "nonce"] as const).map(
    (field): Conversation => ({
      rule: `a call with a field ${field} does not fit, and nothing comes of it`,
      acts: [
        {
          owner: "hedge BTC",
          model: [
            calls("propose_hedge", { asset: "BTC", candidateId: null, [field]: "1000" }),
            says("I cannot set that."),
          ],
          results: /DOES_NOT_FIT_SCHEMA/,
        },
      ],
      ends: { proposals: [], orders: 0 },
    }),
  ),
  {
    rule: "close it, with one hedge, is a card for that one",
    acts: [
      ...opened("BTC"),
      {
        owner: "close it",
        model: [
          calls("get_status"),
          calls("propose_close", { hedge: "BTC" }),
          says("A card to close it waits for your tap."),
        ],
        results: /"kind":"close"/,
      },
      { taps: "approve", is: "closing" },
    ],
    ends: {
      hedges: ["BTC closed"],
      proposals: ["open BTC executed", "close BTC executed"],
    },
  },
  {
    rule: "close it, with two hedges, is a question back and no card",
    acts: [
      ...opened("BTC"),
      ...opened("ETH"),
      {
        owner: "close it",
        model: [calls("get_status"), says("Which one: BTC or ETH?")],
        results: [/"asset":"BTC"/, /"asset":"ETH"/],
      },
      {
        owner: "ETH",
        model: [calls("propose_close", { hedge: "ETH" }), says("A card waits for your tap.")],
      },
      { taps: "approve", is: "closing" },
    ],
    ends: { hedges: ["BTC open", "ETH closed"] },
  },
  {
    rule: "a hedge is closed by its id too",
    acts: [
      ...opened("XRP"),
      {
        owner: "close that one",
        model: [
          calls("get_status"),
          (request) => {
            const id = /"id":"(H-[^"]+)"/.exec(JSON.stringify(lastResult(request)))?.[1];
            return calls("propose_close", { hedge: id });
          },
          says("A card waits for your tap."),
        ],
      },
      { taps: "approve", is: "closing" },
    ],
    ends: { hedges: ["XRP closed"] },
  },
  {
    rule: "a close that was declined leaves the hedge open",
    acts: [
      ...opened("BTC"),
      {
        owner: "close it",
        model: [calls("propose_close", { hedge: "BTC" }), says("A card waits.")],
      },
      { taps: "decline", is: "declined" },
    ],
    ends: { hedges: ["BTC open"] },
  },
  {
    rule: "closing what is not there is unavailable",
    acts: [
      {
        owner: "close SOL",
        model: [calls("propose_close", { hedge: "SOL" }), says("There is none.")],
        results: /NO_HEDGE/,
      },
    ],
    ends: { proposals: [], orders: 0 },
  },
  {
    rule: "while trading is halted a wish is denied, and an old card has no power",
    acts: [
      { owner: "hedge BTC", model: [hedge("BTC"), says(CARD)] },
      { does: (desk) => desk.pipeline.halt("owner") },
      {
        owner: "hedge ETH",
        model: [hedge("ETH"), says("Denied: trading is halted.")],
        results: [/"status":"denied"/, /TRADING_HALTED/],
      },
      { does: (desk) => desk.tap("approve") },
    ],
    ends: { hedges: [], orders: 0 },
  },
  {
    rule: "a stranger's tap on the owner's card does nothing",
    acts: [
      { owner: "hedge BTC", model: [hedge("BTC"), says(CARD)] },
      { does: async (desk) => expect((await desk.tap("approve", 0, 666)).kind).toBe("unknown") },
      { does: (desk) => expect(desk.store.listHedges()).toEqual([]) },
      { taps: "approve", is: "opening" },
    ],
    ends: { hedges: ["BTC open"] },
  },
  {
    rule: "a venue that takes no order leaves both legs empty, and the next turn hears so",
    acts: [
      { owner: "hedge BTC", model: [hedge("BTC"), says(CARD)] },
      {
        does: (desk) => {
          for (const venue of desk.venues.values())
            venue.faults.push("rejected", "rejected", "rejected");
        },
      },
      { taps: "approve", is: "opening" },
      {
        owner: "did it work?",
        model: [calls("get_status"), says("No hedge is open.")],
        results: /"hedges":\[\]/,
      },
    ],
    ends: { hedges: ["BTC closed"] },
  },
];
