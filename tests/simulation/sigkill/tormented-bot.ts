import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Dice, LoopbackVenues, Moment } from "./loopback-venue.ts";

const LONGEST_LIFE_MS = 60_000;

type Child = Bun.Subprocess<"pipe", "pipe", number>;

/** How one life is to end: at the n-th such moment, or when its time is up, whatever comes first. */
export interface Death {
  readonly moment: Moment | "time";
  readonly nth: number;
  readonly lifeMs: number;
}

/** The same bot over and over again on one state folder, each life ended by SIGKILL. */
export class TormentedBot {
  readonly stateDir = mkdtempSync(join(tmpdir(), "hedgerow-sigkill-"));
  readonly world: LoopbackVenues;
  /** What each kill hit. */
  readonly deaths: (Moment | "time")[] = [];
  /** Kills that left an order behind which was on its way: sent, and its answer not booked. */
  inFlight = 0;
  readonly name: string;
  #disposed = false;
  #child: Child | null = null;
  #lives = 0;

  constructor(name: string, world: LoopbackVenues) {
    this.name = name;
    this.world = world;
  }

  get dbPath(): string {
    return join(this.stateDir, "hedgerow.db");
  }

  get log(): string {
    return readFileSync(join(this.stateDir, "log"), "utf8");
  }

  /** Starts, lets it live, kills it; resolves when it is dead. */
  async live(death: Death): Promise<void> {
    const child = this.#spawn();
    const killed = Promise.withResolvers<void>();
    let left = death.nth;
    const kill = (moment: Moment | "time") => {
      if (child.killed) return;
      this.world.watcher = () => false;
      child.kill("SIGKILL");
      this.deaths.push(moment);
      killed.resolve();
    };
    await this.#opened(child);
    this.world.watcher = (moment) => {
      if (moment === death.moment) left -= 1;
      if (moment !== death.moment || left > 0) return false;
      kill(moment);
      return true;
    };
    const timer = setTimeout(() => kill("time"), death.lifeMs);
    await Promise.race([killed.promise, child.exited]);
    clearTimeout(timer);
    await child.exited;
    if (child.signalCode !== "SIGKILL") throw this.#unexpected(`ended by itself`);
  }

  /** One last life, in peace; `during` runs while it is up and at rest. */
  async settle<T>(during: () => Promise<T>): Promise<T> {
    const child = this.#spawn("--quiet");
    const lines = await this.#opened(child);
    await this.#until(lines, "settled");
    const result = await during();
    child.kill("SIGKILL");
    await child.exited;
    return result;
  }

  /** What a second process on the same folder says, and how it ends. */
  async intrude(): Promise<{ readonly exitCode: number; readonly says: string }> {
    const child = Bun.spawn(this.#command("--quiet"), {
      ...{ stdin: "pipe", stdout: "ignore", stderr: "pipe" },
    });
    const timer = setTimeout(() => child.kill("SIGKILL"), 10_000);
    const says = await new Response(child.stderr).text();
    const exitCode = await child.exited;
    clearTimeout(timer);
    return { exitCode, says };
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    this.#child?.kill("SIGKILL");
    await this.#child?.exited;
    this.world.stop();
    rmSync(this.stateDir, { recursive: true, force: true });
  }

  #spawn(...args: readonly string[]): Child {
    if (this.#disposed) throw new Error(`bot ${this.name} is over`);
    const log = openSync(join(this.stateDir, "log"), "a");
    this.#lives += 1;
    const child = Bun.spawn(this.#command(...args), {
      ...{ stdin: "pipe", stdout: "pipe", stderr: log },
    });
    closeSync(log);
    // Whoever waits for one that hangs hears of its end.
    const watchdog = setTimeout(() => child.kill("SIGKILL"), LONGEST_LIFE_MS);
    void child.exited.then(() => clearTimeout(watchdog));
    this.#child = child;
    return child;
  }

  #command(...args: readonly string[]): string[] {
    const seed = `${this.name}:${this.#lives}`;
    const file = Bun.fileURLToPath(import.meta.resolve("./bot-process.ts"));
    const { url } = this.world;
    return [
      process.execPath,
      file,
      "--url",
      url,
      "--state",
      this.stateDir,
      "--seed",
      seed,
      ...args,
    ];
  }

  /** Waits until it has its database, and notes what its predecessor had left on the way. */
  async #opened(child: Child): Promise<AsyncIterator<string>> {
    const lines = linesOf(child.stdout);
    const line = await this.#until(lines, "opened");
    if (Number(line.split(" ")[1]) > 0) this.inFlight += 1;
    return lines;
  }

  async #until(lines: AsyncIterator<string>, word: string): Promise<string> {
    for (;;) {
      const { value, done } = await lines.next();
      if (done) throw this.#unexpected(`never said ${word}`);
      if (value.startsWith(word)) return value;
    }
  }

  #unexpected(what: string): Error {
    return new Error(`bot ${this.name} ${what}:\n${this.log.slice(-3_000)}`);
  }
}

/** Long enough to find out what became of everything that was open. */
const LONG_MS = 3_000;

/** Most kills are aimed at an order on its way; some at reads, cancels, and at no moment at all. */
export function drawDeath(dice: Dice): Death {
  const order = dice.pick("beforeEffect", "afterEffect", "answered");
  const other = dice.pick("read", "cancelling", "time");
  if (dice.chance(0.03)) return { moment: "time", nth: 1, lifeMs: LONG_MS };
  const moment = dice.chance(0.85) ? order : other;
  return {
    moment,
    nth: moment === "read" ? 1 + dice.upTo(80) : 1 + dice.upTo(2),
    lifeMs: moment === "time" ? dice.upTo(900) : 400 + dice.upTo(1_100),
  };
}

async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string, undefined> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of stream) {
    text += decoder.decode(chunk, { stream: true });
    const lines = text.split("\n");
    text = lines.pop() ?? "";
    yield* lines;
  }
  return undefined;
}
