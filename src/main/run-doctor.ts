import { loadSettings } from "#config/load.ts";
import { chooseModel } from "./choose-model.ts";

interface Check {
  readonly ok: boolean;
  readonly name: string;
  readonly says: string;
}

/** What is set, what is missing, and how to mend it; exit code 1 when something would not work. */
export async function runDoctor(): Promise<void> {
  const { settings, secrets } = loadSettings("operator");
  const model = chooseModel(settings, secrets);
  const checks: readonly Check[] = [
    { ok: true, name: "settings", says: `config/settings.toml is valid, mode ${settings.mode}` },
    {
      ok: secrets.telegramToken !== null,
      name: "telegram",
      says: secrets.telegramToken
        ? "HEDGEROW_TELEGRAM_TOKEN is set"
        : "HEDGEROW_TELEGRAM_TOKEN is not set: make a bot with @BotFather and put its token there (the demo needs none)",
    },
    {
      ok: true,
      name: "model",
      says:
        model.id === "offline"
          ? "no language model: plain questions are answered by rules; set model.provider and HEDGEROW_MODEL_KEY for one"
          : `${model.id} (${settings.model.provider})`,
    },
    {
      ok: false,
      name: "venues",
      says: "live market data is not part of this version yet: use `bun run demo`",
    },
  ];
  for (const { ok, name, says } of checks) {
    process.stdout.write(`${ok ? "ok  " : "FAIL"} ${name.padEnd(9)} ${says}\n`);
  }
  process.exit(checks.every((check) => check.ok) ? 0 : 1);
}
