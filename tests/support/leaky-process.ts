import { OperatorError } from "#src/core/errors.ts";
import { guardOutput } from "#src/runtime/guard-output.ts";
import { startHttpServer } from "#src/runtime/http-server.ts";
import { createJsonLogger } from "#src/runtime/json-logger.ts";
import { createRedactor } from "#src/runtime/redactor.ts";
import { watchShutdown } from "#src/runtime/shutdown.ts";

// A process that fails in one way while it holds a secret: bun leaky-process.ts WAY SECRET [unguarded]
const [way = "", secret = "", unguarded] = process.argv.slice(2);
const redactor = createRedactor();
if (!unguarded) redactor.add(secret);
guardOutput(redactor.redact);
const failure = Object.assign(new Error(`GET https://v.example/?key=${secret}`), { key: secret });

if (way.startsWith("running")) {
  watchShutdown(createJsonLogger(redactor.redact), () => Promise.reject(failure));
}
switch (way) {
  case "throws":
  case "running throws":
    setTimeout(() => {
      throw failure;
    }, 1);
    break;
  case "rejects":
  case "running rejects":
    void Promise.reject(failure);
    break;
  case "prints": {
    const { console } = globalThis;
    for (const say of [console.log, console.error, console.debug, console.trace, console.dir])
      say("an exchange:", { headers: { key: secret }, failure });
    break;
  }
  case "serves": {
    const server = startHttpServer({
      host: "127.0.0.1",
      port: 0,
      fetch: () => {
        throw failure;
      },
    });
    const response = await fetch(`http://127.0.0.1:${server.port}/`);
    process.stdout.write(`${response.status} ${await response.text()}\n`);
    server.stop();
    break;
  }
  default:
    throw new OperatorError(`no such way ${way}`);
}
