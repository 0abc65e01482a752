import type { Logger } from "#src/ports/logger.ts";

export const silentLogger: Logger = { info() {}, warn() {}, error() {} };
