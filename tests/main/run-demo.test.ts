import { expect, test } from "bun:test";
import { loadSettings } from "#config/load.ts";
import { withReachableWindow } from "#src/main/run-demo.ts";

const { settings } = loadSettings("demo");
const minutesAt = (speed: number) => withReachableWindow(settings, speed).entry.leadMaxMinutes;

test("the entry window of a fast market lasts ten real seconds, and never longer than between two payments", () => {
  expect(settings.entry.leadMaxMinutes).toBe(30);
  expect([1, 60, 120, 600, 3_600].map(minutesAt)).toEqual([30, 30, 35, 115, 480]);
});
