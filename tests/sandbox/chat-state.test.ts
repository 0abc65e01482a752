import { expect, test } from "bun:test";
import { ChatState } from "#src/sandbox/chat/chat-state.ts";
import { createMemoryRecords } from "#tests/support/memory-records.ts";

test("one of many files is read without the others", () => {
  const records = createMemoryRecords();
  let read = 0;
  const state = new ChatState({
    ...records,
    load(collection) {
      const rows = records.load(collection);
      read += rows.length;
      return rows;
    },
  });
  for (let id = 0; id < 20; id += 1) state.addFile(`photo${id}`, Buffer.from(`picture ${id}`));
  read = 0;
  expect(state.file("photo7")?.toString()).toBe("picture 7");
  expect(read).toBe(1);
  expect(state.file("photo99")).toBeNull();
});
