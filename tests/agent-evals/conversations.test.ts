import { describe, test } from "bun:test";
import { play } from "#tests/agent-evals/conversation.ts";
import { ENDURING } from "#tests/agent-evals/conversations/enduring.ts";
import { MISBEHAVING } from "#tests/agent-evals/conversations/misbehaving.ts";
import { PROPOSING } from "#tests/agent-evals/conversations/proposing.ts";
import { READING } from "#tests/agent-evals/conversations/reading.ts";

const ALL = [...READING, ...PROPOSING, ...MISBEHAVING, ...ENDURING];

describe("a conversation", () => {
  test.each(ALL.map((one) => [one.rule, one] as const))("%s", (_rule, one) => play(one));
});
