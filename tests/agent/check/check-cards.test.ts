import { describe, expect, test } from "bun:test";
import { correctCards } from "#src/agent/check/check-cards.ts";

const NONE_WAITS = "hedges: none\ncards that wait for the owner's tap: none\nlast executions: none";
const ONE_WAITS = "cards that wait for the owner's tap: P-1 open APT, 2 min left";
const made = '{"status":"awaiting_owner","asset":"BTC"}';
const refused = '{"status":"unavailable","reason":"TOO_MANY_CARDS"}';
const none: readonly string[] = [];

describe("an answer that speaks of a card", () => {
  test.each([
    ["that came is left alone", "A card for BTC waits.", [made], NONE_WAITS, null],
    ["that waited before is left alone", "A card for APT waits.", none, ONE_WAITS, null],
    ["that nobody promises is left alone", "No card waits for your tap.", none, NONE_WAITS, null],
    ["that may come is left alone", "If you want, a card follows.", none, NONE_WAITS, null],
    ["in general is left alone", "Only your tap on a card trades.", none, ONE_WAITS, null],
    ["that was refused is told so", "A card waits.", [refused], ONE_WAITS, "No card came"],
    ["that was never asked for is told so", "A card waits.", none, NONE_WAITS, "No card came"],
    ["in German too", "Die Karte wartet auf dich.", none, NONE_WAITS, "No card came"],
    ["of which some came says how many", "The cards wait.", [made, refused], "", "1 of 2 cards"],
  ] as const)("%s", (_, answer, results, facts, note) => {
    const said = correctCards(answer, { results, facts });
    if (note === null) expect(said).toBeNull();
    else expect(said).toContain(note);
  });
});
