import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";

/** No slow machine needs this long. */
const PATIENCE_MS = 60_000;

const messageSchema = z.object({
  id: z.number(),
  from: z.string(),
  text: z.string(),
  edited: z.boolean(),
  buttons: z.array(z.array(z.object({ text: z.string(), data: z.string() }))),
});
export type ChatLine = z.infer<typeof messageSchema>;

const statusSchema = z.looseObject({
  tradingState: z.string(),
  marketTime: z.string(),
  lastScanAt: z.string().nullable(),
  mandate: z.unknown(),
  hedges: z.array(
    z.looseObject({
      id: z.string(),
      asset: z.string(),
      phase: z.string(),
      openedAt: z.string(),
      pnlUsd: z.string().nullable(),
      fundingUsd: z.string(),
      feesUsd: z.string(),
      legs: z.array(
        z.looseObject({
          venue: z.string(),
          side: z.string(),
          sizeBase: z.string(),
          entryPrice: z.string().nullable(),
        }),
      ),
    }),
  ),
});
export type DemoStatus = z.infer<typeof statusSchema>;

/** The real program with a chat page on a free port, driven over its HTTP routes. */
export class BotProcess {
  readonly #args: readonly string[];
  #child: Bun.Subprocess<"ignore", "pipe", "pipe"> | null = null;
  #log = "";
  url = "";
  /** What it said on its standard output. */
  said = "";

  constructor(args: readonly string[]) {
    this.#args = args;
  }

  get log(): string {
    return this.#log;
  }

  async start(env: Readonly<Record<string, string>> = {}): Promise<void> {
    const child = Bun.spawn([process.execPath, "src/main.ts", ...this.#args], {
      ...{ stdout: "pipe", stderr: "pipe", stdin: "ignore" },
      env: { ...Bun.env, ...env },
    });
    this.#child = child;
    void this.#collect(child.stderr);
    const reader = child.stdout.getReader();
    this.said = "";
    while (!this.said.includes("\n")) {
      const { value, done } = await reader.read();
      if (done) throw new Error(`it ended: ${this.said}${this.#log}`);
      this.said += new TextDecoder().decode(value);
    }
    this.url = /http:\/\/[\d.:]+/.exec(this.said)?.[0] ?? "";
    void reader.releaseLock();
  }

  /** SIGKILL: nothing gets to clean up. */
  async kill(): Promise<void> {
    this.#child?.kill("SIGKILL");
    await this.#child?.exited;
  }

  async dispose(): Promise<void> {
    await this.kill();
  }

  async say(text: string, fromUserId?: number): Promise<void> {
    await this.post("/sandbox/messages", { text, ...(fromUserId ? { fromUserId } : {}) });
  }

  async tap(message: ChatLine, prefix: string, fromUserId?: number): Promise<string> {
    const button = message.buttons.flat().find((one) => one.data.startsWith(prefix));
    if (!button) throw new Error(`no ${prefix} button on ${message.text}`);
    return this.tapData(message.id, button.data, fromUserId);
  }

  async tapData(messageId: number, data: string, fromUserId?: number): Promise<string> {
    const body = { messageId, data, ...(fromUserId ? { fromUserId } : {}) };
    const { answer } = z
      .object({ answer: z.string() })
      .parse(await this.post("/sandbox/taps", body));
    return answer;
  }

  async messages(userId?: number): Promise<readonly ChatLine[]> {
    const query = userId ? `&userId=${userId}` : "";
    const response = await fetch(`${this.url}/sandbox/messages?after=0${query}`);
    return z.array(messageSchema).parse(await response.json());
  }

  async status(): Promise<DemoStatus> {
    return statusSchema.parse(await (await fetch(`${this.url}/api/status`)).json());
  }

  /** The newest message of the bot that matches, waited for. */
  message(matches: (line: ChatLine) => boolean, what: string): Promise<ChatLine> {
    return this.until(
      async () =>
        (await this.messages()).filter((line) => line.from === "bot" && matches(line)).at(-1),
      what,
    );
  }

  /** Polls until there is a value; fails with what was waited for. */
  async until<T>(look: () => Promise<T | null | undefined | false>, what: string): Promise<T> {
    const until = Date.now() + PATIENCE_MS;
    while (Date.now() < until) {
      const found = await look();
      if (found) return found;
      await Bun.sleep(40);
    }
    throw new Error(`waited in vain for ${what}\n${this.#log.slice(-2_000)}`);
  }

  async post(path: string, body: unknown): Promise<unknown> {
    const response = await fetch(`${this.url}${path}`, {
      method: "POST",
      body: JSON.stringify(body),
    });
    return response.json();
  }

  async #collect(stream: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    for await (const chunk of stream) this.#log += decoder.decode(chunk);
  }
}

/** The demo with a state folder of its own. */
export class DemoProcess extends BotProcess {
  readonly stateDir: string;

  constructor(...args: readonly string[]) {
    const stateDir = mkdtempSync(join(tmpdir(), "hedgerow-test-"));
    super(["demo", "--headless", "--port", "0", "--state", stateDir, ...args]);
    this.stateDir = stateDir;
  }

  override async dispose(): Promise<void> {
    await super.dispose();
    rmSync(this.stateDir, { recursive: true, force: true });
  }
}
