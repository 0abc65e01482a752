import { RetryableError } from "#src/core/errors.ts";
import { NotSentError } from "#src/venues/ccxt/not-sent.ts";
import { rows, text, textOrNull } from "#src/venues/ccxt/row.ts";
import { askApart } from "#src/venues/quirks/shared/ask-apart.ts";
import { type Bybit, resultOf } from "./bybit-replies.ts";

const ON = "1";

/**
 * Bought coins lie beside what is owed of them, and its interest runs on, unless the venue is told to repay: then
 * it does so at every full and half hour, with the coins that lie there. Asked before anything is borrowed.
 */
export async function haveItRepay(exchange: Bybit, currency: string): Promise<void> {
  try {
    await askApart(() => switchOn(exchange, currency));
  } catch (cause) {
    throw new NotSentError(
      `nothing was borrowed: the venue was not brought to repay ${currency} by itself. Switch its auto-repayment on there, or try again`,
      { cause },
    );
  }
}

async function switchOn(exchange: Bybit, currency: string): Promise<void> {
  const asked = await exchange.privateGetV5SpotMarginTradeGetAutoRepayMode({ currency });
  if (modeIn(asked, currency) === ON) return;
  const change = { currency, autoRepayMode: ON };
  const set = await exchange.privatePostV5SpotMarginTradeSetAutoRepayMode(change);
  if (modeIn(set, currency) !== ON) throw new RetryableError("it stayed off");
}

function modeIn(answer: unknown, currency: string): string | null {
  const modes = rows(resultOf(answer)["data"], "repay modes");
  const own = modes.find((one) => text(one, "currency") === currency);
  return own ? textOrNull(own, "autoRepayMode") : null;
}
