import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BotProcess } from "./demo-process.ts";
import { writeSettings } from "./write-settings.ts";

interface StartOptions {
  readonly mode?: "paper" | "testnet" | "live";
  /** A venue street's address; a port that nobody listens on, unless said. */
  readonly loopback?: string;
  readonly venues?: readonly string[];
  /** Key files, as objects. */
  readonly keys?: Readonly<Record<string, object>>;
  readonly telegram?: { readonly token: string; readonly apiRoot: string };
  /** Further settings, as tables. */
  readonly set?: Readonly<Record<string, unknown>>;
}

/** Nobody listens here: every request is refused at once. */
const NOWHERE = "http://127.0.0.1:9/";

/** `bun run start` with settings and a state folder of its own, its venues on this machine. */
export class StartProcess extends BotProcess {
  readonly folder: string;
  readonly #token: string;

  constructor(options: StartOptions = {}) {
    const folder = mkdtempSync(join(tmpdir(), "hedgerow-start-"));
    writeStart(folder, options);
    super(["start", "--config", join(folder, "settings.toml")]);
    this.folder = folder;
    this.#token = options.telegram?.token ?? "";
  }

  override start(): Promise<void> {
    return super.start({ HEDGEROW_TELEGRAM_TOKEN: this.#token, HEDGEROW_ANTHROPIC_KEY: "" });
  }

  /** Writes the settings anew; they count from the next start. */
  change(options: StartOptions): void {
    writeStart(this.folder, options);
  }

  override async dispose(): Promise<void> {
    await super.dispose();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function writeStart(folder: string, options: StartOptions): void {
  const { mode = "paper", loopback = NOWHERE, venues = ["binance", "bybit"], keys = {} } = options;
  const paths = Object.entries(keys).map(([venue, key]) => {
    const path = join(folder, `${venue}.json`);
    writeFileSync(path, JSON.stringify(key), { mode: 0o600 });
    return [venue, path] as const;
  });
  writeSettings(
    {
      ...{ mode, state: join(folder, "state"), dashboard: { port: 0 } },
      venues: { use: venues, loopback },
      credentials: Object.fromEntries(paths),
      ...(options.telegram && { telegram: { apiRoot: options.telegram.apiRoot } }),
      ...options.set,
    },
    folder,
  );
}
