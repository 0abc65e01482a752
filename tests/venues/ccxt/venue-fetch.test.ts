import { afterAll, describe, expect, test } from "bun:test";
import { createServer, type Socket } from "node:net";
import { createSystemClock } from "#src/runtime/system-clock.ts";
import { type Call, inCall, newCall } from "#src/venues/ccxt/call-context.ts";
import { createVenueFetch } from "#src/venues/ccxt/venue-fetch.ts";
import { RequestGate } from "#src/venues/gate/request-gate.ts";

const PATH = "https://venue.example/order";
const clock = createSystemClock();
const lines: string[] = [];

/** Keeps its connections open, answers "/warm", and breaks off at anything else once it has read it whole. */
const server = createServer((socket: Socket) => {
  let text = "";
  socket.on("error", () => undefined);
  socket.on("data", (bytes) => {
    text += String(bytes);
    const bodyAt = text.indexOf("\r\n\r\n") + 4;
    const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? "0");
    if (bodyAt < 4 || text.length < bodyAt + length) return;
    const [line = ""] = text.split("\r\n");
    text = "";
    lines.push(line);
    if (line.includes("warm")) socket.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}");
    else socket.resetAndDestroy();
  });
});
await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
afterAll(() => void server.close());

function connect() {
  const address = server.address();
  const port = typeof address === "object" ? address?.port : null;
  const loopback = `http://127.0.0.1:${port}/`;
  const gate = new RequestGate({ name: "Alpha", clock, perSecond: 1_000, burst: 1_000 });
  const send = createVenueFetch({
    ...{ name: "Alpha", hosts: ["venue.example"], gate, clock, loopback, aheadMs: () => 0 },
  });
  return (call: Call, path: string, method: string) =>
    inCall(call, () =>
      send(`${loopback}${encodeURIComponent(path)}`, { method, headers: {}, body: "size=1" }),
    );
}

describe("what is sent to a venue", () => {
  test("is not sent again by the runtime when its kept connection breaks", async () => {
    const send = connect();
    await send(newCall("read"), "https://venue.example/warm", "POST");
    lines.length = 0;
    const call = newCall("open", clock.wallNow() + 5_000);
    await expect(send(call, PATH, "POST")).rejects.toThrow();
    expect(lines).toHaveLength(1);
    expect(call).toMatchObject({ sent: true, reply: null });
  });

  test("has no answer when only what was asked before it was answered", async () => {
    const send = connect();
    const call = newCall("open", clock.wallNow() + 5_000);
    await send(call, "https://venue.example/warm", "POST");
    expect(call.reply).toEqual({ httpStatus: 200, body: "{}" });
    await expect(send(call, PATH, "POST")).rejects.toThrow();
    expect(call.reply).toBeNull();
  });

  test("does not leave once its fence has passed", async () => {
    const call = newCall("open", clock.wallNow() - 1);
    await expect(connect()(call, PATH, "POST")).rejects.toThrow("its time was up");
    expect(call.sent).toBe(false);
  });
});
