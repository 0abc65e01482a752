import { OperatorError } from "#src/core/errors.ts";

/** Listens; throws an OperatorError when the port is taken. Idle time leaves room for long polling. */
export function startHttpServer(options: {
  readonly host: string;
  readonly port: number;
  /** `peer` is the address that asks. */
  readonly fetch: (request: Request, peer: string | null) => Response | Promise<Response>;
}): { readonly port: number; stop(): void } {
  try {
    const server = Bun.serve({
      hostname: options.host,
      port: options.port,
      idleTimeout: 120,
      maxRequestBodySize: 16 * 1024 * 1024,
      fetch: (request, its) => options.fetch(request, its.requestIP(request)?.address ?? null),
      // The runtime's own page shows the error with its stack and sources.
      development: false,
      error: () => new Response("this did not work; trading is not affected", { status: 500 }),
    });
    return { port: server.port ?? options.port, stop: () => void server.stop(true) };
  } catch (error) {
    throw new OperatorError(
      `port ${options.port} on ${options.host} is taken; choose another (--port in the demo, dashboard.port in the settings)`,
      { cause: error },
    );
  }
}
