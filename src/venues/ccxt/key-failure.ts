import { OperatorError, RetryableError } from "#src/core/errors.ts";
import { type Call, inCall, newCall } from "./call-context.ts";
import type { DriverParts, VenueDriver, VenueProfile } from "./driver.ts";
import { codesIn } from "./read-venue.ts";

/** Why a question that needs a key was not answered, in words that are safe to show. */
export interface KeyFailure {
  readonly code: "KEY_REFUSED" | "KEY_UNUSABLE" | "CLOCK" | "NO_ANSWER" | "ACCOUNT_UNFIT";
  readonly says: string;
}

export type Asked<T> =
  | { readonly answer: T; readonly failure: null }
  | { readonly answer: null; readonly failure: KeyFailure };

/** Asks with the key; whatever is thrown is sorted by what came over the wire, never by its text. */
export async function askWithKey<T>(
  driver: VenueDriver,
  mode: DriverParts["mode"],
  question: () => Promise<T>,
): Promise<Asked<T>> {
  const call = newCall("read");
  try {
    return { answer: await inCall(call, question), failure: null };
  } catch (error) {
    return { answer: null, failure: failureOf(driver, mode, call, error) };
  }
}

function failureOf(
  driver: VenueDriver,
  mode: DriverParts["mode"],
  call: Call,
  error: unknown,
): KeyFailure {
  const { profile } = driver;
  const { name } = profile;
  // Written by a quirks file to be shown: it says what to change at the venue.
  if (error instanceof OperatorError) return { code: "ACCOUNT_UNFIT", says: error.message };
  const codes = codesIn(driver, call);
  const meanings = codes.map((code) => profile.refusals[code]);
  if (meanings.includes("UNAUTHORISED") || codes.includes("http 401")) {
    return { code: "KEY_REFUSED", says: keyRefused(profile, mode, codes[0] ?? "") };
  }
  if (meanings.includes("EXPIRED")) {
    const says = `${name} finds our requests too old or too new (${codes[0]}), so nothing can be done there. Set this machine's clock: timedatectl set-ntp true`;
    return { code: "CLOCK", says };
  }
  if (!call.sent && !(error instanceof RetryableError)) {
    const says = `the key file of ${name} holds something that cannot sign, so nothing was asked there. Check the form of ${profile.credentials.join(", ")}`;
    return { code: "KEY_UNUSABLE", says };
  }
  const what = codes[0] ? `answers ${codes[0]}` : "does not answer";
  const says = `${name} ${what}, so its key is not checked and nothing opens there. It is asked again; see whether the venue is up and may be used from here`;
  return { code: "NO_ANSWER", says };
}

/** A venue says the same for a key of its other world as for a wrong one. */
function keyRefused(profile: VenueProfile, mode: DriverParts["mode"], code: string): string {
  const { id, name, rehearsal } = profile;
  const why = WHY[`${id} ${code}`];
  const causes = why ? [why] : ["it is mistyped or revoked", "it is bound to other addresses"];
  if (mode === "live" && rehearsal)
    causes.push(`it is a key of ${name}'s ${rehearsal} while mode is live`);
  if (mode === "testnet" && rehearsal)
    causes.push(
      `it is a key of the real ${name} while mode is testnet, which needs one of its ${rehearsal}`,
    );
  const file = `put the right ${profile.credentials.join(", ")} into the file that credentials.${id} names`;
  return `${name} refuses the key (${code}): ${causes.join(", or ")}. Nothing is done there with it; ${file}`;
}

/** Where the venue's code says more than that it does not like the key. */
const WHY: Readonly<Record<string, string>> = {
  "binance -1022": "the secret is not the one of this key",
  "bybit 10004": "the secret is not the one of this key",
  "okx 50113": "the secret is not the one of this key",
  "okx 50105": "the passphrase (password) is not the one of this key",
  "bybit 10010": "it is bound to other addresses than this machine's",
  "okx 50110": "it is bound to other addresses than this machine's",
  "okx 50101": "it belongs to the other of OKX's worlds, demo trading or real",
};
