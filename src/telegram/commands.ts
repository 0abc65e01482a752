import type { Bot, Context } from "grammy";
import { InlineKeyboard } from "grammy";
import type { Agent } from "#src/agent/contract.ts";
import { splitRendered } from "#src/agent/reply/split-rendered.ts";
import { describeError } from "#src/core/errors.ts";
import type { Pipeline } from "#src/pipeline/contract.ts";
import type { Clock } from "#src/ports/clock.ts";
import type { Logger } from "#src/ports/logger.ts";
import { liveReply } from "./cards/live-card.ts";
import { costReply } from "./replies/cost-reply.ts";
import { decisionReply, decisionsReply, lastChoiceOfModels } from "./replies/decision-replies.ts";
import { pnlReply } from "./replies/pnl-reply.ts";
import {
  HELP,
  hedgesReply,
  killReply,
  proposeReply,
  ratesReply,
  statusReply,
} from "./replies/replies.ts";
import { rulesReply } from "./replies/rules-reply.ts";
import { type RichText, rich } from "./rich-text.ts";
import { sayBest } from "./say-best.ts";
import { sendEquityPicture, sendExport } from "./send-files.ts";
import { whileTyping } from "./while-typing.ts";

export const COMMANDS = [
  { command: "best", description: "What is worth doing, after costs" },
  { command: "rates", description: "What funding pays" },
  { command: "open", description: "Propose a hedge: /open BTC" },
  { command: "hedges", description: "What is open" },
  { command: "status", description: "Everything at a glance" },
  { command: "pnl", description: "What it earned: also /pnl days, venues, hedges" },
  { command: "export", description: "Every fill, payment and fee as a file" },
  { command: "cost", description: "What language models cost" },
  { command: "rules", description: "The rules in force" },
  { command: "close", description: "Propose closing: /close BTC" },
  { command: "scan", description: "Look at the market now" },
  { command: "decisions", description: "What scans chose, and what it came to" },
  { command: "auto", description: "Arm autonomous mode" },
  { command: "live", description: "The way from simulation to real money" },
  { command: "stop", description: "End the answer in progress" },
  { command: "halt", description: "No new risk" },
  { command: "resume", description: "Trade again" },
  { command: "kill", description: "Close everything now" },
  { command: "help", description: "What I can do" },
] as const;

interface CommandOptions {
  readonly pipeline: Pipeline;
  readonly clock: Clock;
  readonly log: Logger;
}

/** /kill first of all: it is registered before everything else and waits for nothing. */
export function registerKill(bot: Bot, options: CommandOptions & { readonly agent: Agent }): void {
  // Phones capitalise, and people in a hurry add a word: /Kill, KILL, kill and /kill now! all mean it.
  bot.hears(/^\s*\/?kill(@\w+)?(\s+(now|all|everything|please))*\s*[.!]*\s*$/i, (ctx) => {
    const working = options.pipeline.kill(`telegram:${ctx.from?.id}`);
    options.agent.stopAll();
    detach(ctx, options, async () => {
      await ctx
        .reply("⬛ /kill received. Trading is halted; closing everything…")
        .catch(() => undefined);
      await send(ctx, killReply(await working));
    });
  });
  bot.hears(/^\s*\/kill\b/i, (ctx) =>
    detach(ctx, options, () =>
      send(
        ctx,
        rich("Nothing was done: /kill alone closes everything, at once. /close BTC closes one."),
      ),
    ),
  );
}

/** Handlers start the work and return: the next update never waits for it. */
export function registerCommands(bot: Bot, options: CommandOptions): void {
  const { pipeline, clock } = options;
  const on = (name: string, work: (ctx: Context, argument: string) => Promise<void>) =>
    bot.command(name, (ctx) =>
      detach(ctx, options, () => whileTyping(ctx, clock, () => work(ctx, ctx.match.trim()))),
    );

  on("start", async (ctx) => send(ctx, rich("Hedgerow is yours.\n\n", HELP)));
  on("help", async (ctx) => send(ctx, rich(HELP)));
  on("rates", async (ctx, asset) =>
    send(ctx, ratesReply(await pipeline.rates(asset || undefined), asset || null)),
  );
  on("best", async (ctx) => send(ctx, await sayBest(pipeline)));
  on("hedges", async (ctx) => send(ctx, hedgesReply(await pipeline.status())));
  on("status", async (ctx) => send(ctx, statusReply(await pipeline.status())));
  on("pnl", async (ctx, wanted) => {
    await send(ctx, pnlReply(await pipeline.performance(), wanted));
    if (!wanted) await sendEquityPicture(ctx, pipeline);
  });
  on("export", async (ctx) => sendExport(ctx, pipeline, clock));
  on("cost", async (ctx) => send(ctx, costReply(pipeline.costs())));
  on("rules", async (ctx, table) => send(ctx, rulesReply(pipeline.rules(), table)));
  on("open", async (ctx, asset) => {
    if (!asset) return send(ctx, rich("Which asset? For example: /open BTC"));
    await say(ctx, proposeReply(await pipeline.proposeOpen({ asset }, "owner")));
  });
  on("close", async (ctx, wanted) => close(ctx, pipeline, wanted));
  on("scan", async (ctx) => {
    await pipeline.scan();
    const { text, entities } = await sayBest(pipeline);
    const [last] = pipeline.decisions({ limit: 1 });
    await send(ctx, { text: text + (last ? lastChoiceOfModels(last) : ""), entities });
  });
  on("live", async (ctx) => {
    const isOffered = pipeline.offerLive();
    await send(ctx, liveReply(await pipeline.live(), isOffered));
  });
  on("auto", async (ctx, argument) => auto(ctx, pipeline, argument));
  on("decisions", async (ctx, id) =>
    send(
      ctx,
      id ? decisionReply(pipeline.decision(id)) : decisionsReply(pipeline.decisions({ limit: 8 })),
    ),
  );
  on("halt", async (ctx) => {
    const wasArmed = pipeline.facts().mandate !== null;
    pipeline.halt(`telegram:${ctx.from?.id}`);
    const ended = wasArmed ? " The mandate has ended." : "";
    await send(
      ctx,
      rich(
        `⏸ Trading is halted: nothing opens.${ended} Hedges stay and are watched. /resume asks you first.`,
      ),
    );
  });
  on("resume", async (ctx) => {
    if (!pipeline.offerResume())
      await send(ctx, rich("Trading is active; there is nothing to resume."));
  });
}

async function close(ctx: Context, pipeline: Pipeline, wanted: string): Promise<void> {
  if (wanted) return say(ctx, proposeReply(await pipeline.proposeClose(wanted, "owner")));
  const { hedges } = await pipeline.status();
  const [only] = hedges;
  if (!only) return send(ctx, rich("No hedge is open."));
  if (hedges.length === 1) {
    return say(ctx, proposeReply(await pipeline.proposeClose(only.id, "owner")));
  }
  const keyboard = new InlineKeyboard();
  for (const hedge of hedges) keyboard.text(`${hedge.asset} ${hedge.id}`, `c:${hedge.id}`).row();
  await ctx.reply("Which one? You will see a card before anything is closed.", {
    reply_markup: keyboard,
  });
}

async function auto(ctx: Context, pipeline: Pipeline, argument: string): Promise<void> {
  if (/^(off|stop|end)$/i.test(argument)) {
    const revoked = pipeline.revokeMandate(`telegram:${ctx.from?.id}`);
    return send(
      ctx,
      rich(
        revoked
          ? "Autonomous mode is off. Scans propose again."
          : "No mandate is armed, so nothing opens without your tap.",
      ),
    );
  }
  if (argument && !/^(on|start|arm)$/i.test(argument)) {
    const said =
      "The bounds stand under [mandate] in config/settings.toml: /auto alone shows them on a card. /auto off ends it. Nothing was changed.";
    return send(ctx, rich(said));
  }
  const { kind } = pipeline.offerMandate();
  if (kind === "alreadyArmed")
    await send(ctx, rich("A mandate is armed already. /auto off ends it."));
}

/** Runs the work beside the update loop; a failure becomes one plain sentence. */
export function detach(
  ctx: Context,
  { log }: Pick<CommandOptions, "log">,
  work: () => Promise<void>,
): void {
  void work().catch(async (error: unknown) => {
    log.error("commandFailed", { error: describeError(error) });
    await ctx
      .reply("That did not work, and nothing was traded by it. Try again, or look at /status.")
      .catch(() => undefined);
  });
}

export async function send(ctx: Context, message: RichText): Promise<void> {
  for (const { text, entities } of splitRendered(message)) await ctx.reply(text, { entities });
}

async function say(ctx: Context, text: string | null): Promise<void> {
  if (text) await ctx.reply(text);
}
