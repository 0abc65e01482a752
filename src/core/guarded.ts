import type { CancelAllRequest, CancelRequest, LeverageRequest, OrderRequest } from "./order.ts";

type Request = OrderRequest | CancelRequest | CancelAllRequest | LeverageRequest;
type Sealer = <T extends Request>(request: T) => Guarded<T>;

let seal: Sealer;
let claimed = false;

/**
 * What a venue's trading port accepts, and the only thing it accepts. There is one maker: the guard's
 * ticket claims the sealer when it loads, and a second claim throws, so no other module can mint one.
 */
export class Guarded<T extends Request> {
  readonly #seal = true;
  readonly request: Readonly<T>;

  private constructor(request: T) {
    this.request = Object.freeze(request);
  }

  /** True only for the real thing: a literal or a JSON copy of it has no seal. */
  static isSealed(value: unknown): value is Guarded<Request> {
    return typeof value === "object" && value !== null && #seal in value && value.#seal;
  }

  static {
    seal = <R extends Request>(request: R) => new Guarded<R>({ ...request });
  }
}

export type GuardedOrder = Guarded<OrderRequest>;
export type GuardedCancel = Guarded<CancelRequest>;
export type GuardedCancelAll = Guarded<CancelAllRequest>;
export type GuardedLeverage = Guarded<LeverageRequest>;

/** Hands out the sealer once, to guard/ticket.ts; throws for everyone after. */
export function claimSealer(): Sealer {
  if (claimed) throw new Error("the order sealer is already claimed by the guard");
  claimed = true;
  return seal;
}
