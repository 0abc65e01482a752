import type { Conversation } from "#tests/agent-evals/conversation.ts";
import { calls, lastResult, says } from "#tests/agent-evals/script.ts";

const NOTHING = { hedges: [], proposals: [], orders: 0 } as const;
/** A figure as the newest result has it. */
const rateOf = (request: Parameters<typeof lastResult>[0]) =>
  /"rate8h":"([^"]+)"/.exec(JSON.stringify(lastResult(request)))?.[1] ?? "none";

/** Questions: what is looked up, and that an answer holds nothing else. */
export const READING: readonly Conversation[] = [
  {
    rule: "a question about rates is answered from get_rates, and its figures pass unmarked",
    acts: [
      {
        owner: "what does BTC pay?",
        model: [
          calls("get_rates", { asset: "BTC" }),
          (request) => says(`The first venue pays ${rateOf(request)} for eight hours.`),
        ],
        tools: ["get_rates"],
        results: /"asset":"BTC"/,
        answer: /pays -?\d/,
        never: /Not from this turn/,
      },
    ],
    ends: { ...NOTHING, turns: ["answered"], asked: ["first ok", "first ok"] },
  },
  {
    rule: "all rates at once fit into one result",
    acts: [
      {
        owner: "rates please",
        model: [calls("get_rates", { asset: null }), says("See above.")],
        results: [/"BTC"/, /"ETH"/],
      },
    ],
    ends: { ...NOTHING, asked: ["first ok", "first ok"] },
  },
  {
    rule: "rates of an asset that nobody lists are an empty list and no error",
    acts: [
      {
        owner: "what does NOPE pay?",
        model: [calls("get_rates", { asset: "NOPE" }), says("No venue lists it.")],
        results: /"assets":\[\]/,
      },
    ],
    ends: NOTHING,
  },
  {
    rule: "what pays best is answered from find_opportunities, with candidate ids that code made",
    acts: [
      {
        owner: "what pays best after costs?",
        model: [calls("find_opportunities", { asset: null }), says("The first one.")],
        tools: ["find_opportunities"],
        results: /"candidateId":"C-/,
      },
    ],
    ends: NOTHING,
  },
  {
    rule: "one asset's opportunities name no other asset",
    acts: [
      {
        owner: "is SOL worth it?",
        model: [calls("find_opportunities", { asset: "SOL" }), says("Here it is.")],
        results: /"asset":"SOL"/,
      },
    ],
    ends: NOTHING,
  },
  {
    rule: "the status says that nothing is open when nothing is",
    acts: [
      {
        owner: "what is open?",
        model: [calls("get_status"), says("Nothing is open.")],
        tools: ["get_status"],
        results: [/"hedges":\[\]/, /"tradingState":"active"/],
      },
    ],
    ends: NOTHING,
  },
  {
    rule: "what was earned is answered from get_performance",
    acts: [
      {
        owner: "how much did we earn?",
        model: [calls("get_performance"), says("Nothing yet.")],
        tools: ["get_performance"],
        results: /"hedges":\[\]/,
      },
    ],
    ends: NOTHING,
  },
  {
    rule: "why-not is answered from what was decided",
    acts: [
      { does: (desk) => desk.pipeline.scan() },
      {
        owner: "why did you not take BTC?",
        model: [calls("explain_decision", { asset: "BTC" }), says("The costs.")],
        tools: ["explain_decision"],
        results: /"decisions":\[/,
      },
    ],
    ends: { hedges: [], orders: 0 },
  },
  {
    rule: "why without an asset is asked of everything that was decided",
    acts: [
      {
        owner: "why is nothing open?",
        model: [calls("explain_decision", { asset: null }), says("Nothing was decided yet.")],
        results: /"decisions":\[\]/,
      },
    ],
    ends: NOTHING,
  },
  {
    rule: "several tools of one reply run in their order, each told of to the model",
    acts: [
      {
        owner: "rates, status and earnings",
        model: [
          calls("get_rates", { asset: "BTC" }, "get_status", {}, "get_performance", {}),
          says("All three are above."),
        ],
        tools: ["get_rates", "get_status", "get_performance"],
      },
    ],
    ends: { ...NOTHING, asked: ["first ok", "first ok"] },
  },
  {
    rule: "tools of one step after another are each a step of the journal",
    acts: [
      {
        owner: "look closely at ETH",
        model: [
          calls("get_rates", { asset: "ETH" }),
          calls("find_opportunities", { asset: "ETH" }),
          calls("explain_decision", { asset: "ETH" }),
          says("Done looking."),
        ],
        tools: ["get_rates", "find_opportunities", "explain_decision"],
      },
    ],
    ends: { ...NOTHING, asked: ["first ok", "first ok", "first ok", "first ok"] },
  },
  {
    rule: "an asset in small letters is the same asset",
    acts: [
      {
        owner: "btc?",
        model: [calls("get_rates", { asset: "btc" }), says("Here.")],
        results: /"asset":"BTC"/,
      },
    ],
    ends: NOTHING,
  },
  {
    rule: "small talk needs no tool",
    acts: [{ owner: "hello", model: [says("Hello. Ask me about funding.")], tools: [] }],
    ends: { ...NOTHING, asked: ["first ok"] },
  },
  {
    rule: "the newest question is sent last, behind what was said before",
    acts: [
      { owner: "hello", model: [says("Hello.")] },
      {
        owner: "and now?",
        model: [
          ({ messages, facts }) => {
            const heard = messages.map((one) => ("text" in one ? one.text : "")).join("|");
            return says(
              heard === "hello|Hello.|and now?" && facts?.startsWith("[FACTS")
                ? "In order."
                : heard,
            );
          },
        ],
        answer: /^In order\.$/,
      },
    ],
    ends: { ...NOTHING, turns: ["answered", "answered"] },
  },
  {
    rule: "German, Russian, Chinese and emoji come through as they were written",
    acts: [
      {
        owner: "Was zahlt BTC? Что платит BTC? BTC 付多少? 🦔",
        model: [
          ({ messages }) =>
            says(`Gehört: ${messages.map((one) => ("text" in one ? one.text : "")).join()}`),
        ],
        answer: /Was zahlt BTC\? Что платит BTC\? BTC 付多少\? 🦔/,
      },
    ],
    ends: NOTHING,
  },
];
