import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeSettings } from "#tests/support/write-settings.ts";
import { middle, row } from "./measure.ts";
import { serveVenues } from "./venue-server.ts";

const TURNS = 11;
/** The least that can hear a /kill: grammY loaded, the store open. It knocks when it is there. */
const LEAST = `
  import { Bot } from "grammy";
  import { openStore } from "#src/store/sqlite-store.ts";
  openStore({ path: process.argv[2] ?? "", wallNow: Date.now });
  new Bot("4200000001:sandbox", { client: { apiRoot: process.argv[1] ?? "" } }).api.getMe();
`;

/** From the start of the process until it first knocks at Telegram; venues and models come right after. */
export async function startRows(): Promise<readonly (readonly string[])[]> {
  const venues = await serveVenues(3);
  const folder = mkdtempSync(join(tmpdir(), "hedgerow-bench-"));
  const door = openDoor();
  try {
    const config = writeSettings(
      {
        ...{ mode: "paper", state: join(folder, "state"), dashboard: { port: 0 } },
        venues: { loopback: venues.url },
        telegram: { apiRoot: door.url },
      },
      folder,
    );
    const [ours, least]: [number[], number[]] = [[], []];
    for (let turn = 0; turn < TURNS; turn += 1) {
      ours.push(await untilKnock(door, ["src/main.ts", "start", "--config", config]));
      const store = join(folder, `least-${turn}.db`);
      least.push(await untilKnock(door, ["-e", LEAST, door.url, store]));
    }
    return [
      row(
        "process start to ready for /kill; floor: grammY and the store (may be 1.5 ×)",
        middle(ours),
        middle(least),
      ),
    ];
  } finally {
    door.stop();
    venues.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Stands for Telegram, and says when somebody first asks it anything. */
function openDoor() {
  let knocked: (() => void) | null = null;
  const server = Bun.serve({
    ...{ port: 0, hostname: "127.0.0.1" },
    fetch() {
      knocked?.();
      return Response.json({ ok: false, error_code: 503, description: "closed" }, { status: 503 });
    },
  });
  return {
    url: `http://127.0.0.1:${server.port}`,
    nextKnock: () =>
      new Promise<void>((resolve) => {
        knocked = resolve;
      }),
    stop: () => void server.stop(true),
  };
}

async function untilKnock(
  door: ReturnType<typeof openDoor>,
  args: readonly string[],
): Promise<number> {
  const knock = door.nextKnock();
  const started = performance.now();
  const child = Bun.spawn([process.execPath, ...args], {
    ...{ stdout: "ignore", stderr: "ignore", stdin: "ignore" },
    env: { ...Bun.env, HEDGEROW_TELEGRAM_TOKEN: "4200000001:sandbox" },
  });
  const first = await Promise.race([knock, child.exited]);
  if (first !== undefined) throw new Error(`it ended before it knocked: ${args.slice(0, 2)}`);
  const ms = performance.now() - started;
  child.kill("SIGKILL");
  await child.exited;
  return ms;
}
