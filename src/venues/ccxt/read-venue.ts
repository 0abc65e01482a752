import { OperatorError, RetryableError } from "#src/core/errors.ts";
import type { RequestGate, Urgency } from "#src/venues/gate/request-gate.ts";
import { type Call, inCall, newCall } from "./call-context.ts";
import type { Reply, VenueDriver } from "./driver.ts";
import type { VenueClock } from "./venue-clock.ts";

export interface Reader {
  /** Asks; whatever goes wrong is a RetryableError whose text is safe to show. */
  read<T>(what: string, question: () => Promise<T>): Promise<T>;
  /** As `read`, for what nobody trades on at once: it waits while others want to ask. */
  readAhead<T>(what: string, question: () => Promise<T>): Promise<T>;
  /** As `read`, but null when the venue says that there is no such thing. */
  readOrNull<T>(what: string, question: () => Promise<T | null>): Promise<T | null>;
}

/** Whom the venue's words concern beside who asked. */
export interface Heedful extends Pick<VenueClock, "mistimed"> {
  readonly driver: VenueDriver;
  readonly gate: RequestGate;
}

/** Reads with a name for messages. ccxt's own error texts carry signed URLs: they go no further than here. */
export function createReader(parts: Heedful, usual: "read" | "watch" = "read"): Reader {
  const { driver } = parts;
  const { profile } = driver;

  async function attempt<T>(
    question: () => Promise<T>,
    urgency: Urgency = usual,
  ): Promise<T | Failure> {
    const call = newCall(urgency);
    try {
      return await inCall(call, question);
    } catch (error) {
      const codes = codesIn(driver, call);
      heed(parts, codes);
      return new Failure(error, codes, call);
    }
  }

  async function read<T>(
    what: string,
    question: () => Promise<T>,
    urgency: Urgency = usual,
  ): Promise<T> {
    const answer = await attempt(question, urgency);
    if (!(answer instanceof Failure)) return answer;
    throw answer.toError(`${profile.name}, ${what}`);
  }

  return {
    read,
    readAhead: (what, question) => read(what, question, "ahead"),
    async readOrNull(what, question) {
      const answer = await attempt(question);
      if (!(answer instanceof Failure)) return answer;
      const proofs = proofsIn(driver, answer.call);
      if (proofs.some((code) => profile.notFound.includes(code))) return null;
      throw answer.toError(`${profile.name}, ${what}`);
    },
  };
}

/** The codes in the last answer of a call: the venue's own first, then the one of HTTP. */
export function codesIn(driver: VenueDriver, { reply }: Call): readonly string[] {
  if (!reply) return [];
  const own = ownCode(driver, { ...reply, json: parsed(reply.body) });
  return own === null ? [`http ${reply.httpStatus}`] : [own, `http ${reply.httpStatus}`];
}

/** Those of them that prove something: nobody who writes beneath a 5xx need know what became of a request. */
export function proofsIn(driver: VenueDriver, call: Call): readonly string[] {
  return (call.reply?.httpStatus ?? 0) >= 500 ? [] : codesIn(driver, call);
}

/** A reply can be anything at all: one that its venue's code cannot read has no code. */
function ownCode(driver: VenueDriver, reply: Reply): string | null {
  try {
    return driver.codeOf(reply);
  } catch {
    return null;
  }
}

/** What a code says of the venue as a whole: a revoked key may look like a rate limit to ccxt, and the reverse. */
export function heed({ driver, gate, mistimed }: Heedful, codes: readonly string[]): void {
  const meanings = codes.map((code) => driver.profile.refusals[code]);
  if (meanings.includes("UNAUTHORISED")) gate.keyRefused();
  if (meanings.includes("RATE_LIMITED")) gate.tooMany();
  if (meanings.includes("EXPIRED")) mistimed();
}

class Failure {
  readonly codes: readonly string[];
  readonly call: Call;
  readonly #error: unknown;

  constructor(error: unknown, codes: readonly string[], call: Call) {
    this.#error = error;
    this.codes = codes;
    this.call = call;
  }

  toError(where: string): RetryableError {
    const error = this.#error;
    // Our own errors are written to be shown.
    if (error instanceof OperatorError) return new RetryableError(`${where}: ${error.message}`);
    if (error instanceof RetryableError) {
      const text = error.message.startsWith(where) ? error.message : `${where}: ${error.message}`;
      return new RetryableError(text, error.waitMs === null ? {} : { waitMs: error.waitMs });
    }
    const [code = null] = this.codes;
    const said = code === null ? "no answer" : `answered ${code}`;
    return new RetryableError(`${where}: ${this.call.sent ? said : "not asked"} (${kind(error)})`);
  }
}

/** The class of an error says enough; its text may carry a signature. */
function kind(error: unknown): string {
  return error instanceof Error ? error.constructor.name : typeof error;
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
