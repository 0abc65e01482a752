import { plugin } from "bun";

/** Preloaded, it takes the redactor away: what a test of leaks must then find. */
plugin({
  name: "no redactor",
  setup(build) {
    build.onLoad({ filter: /src\/runtime\/redactor\.ts$/ }, () => ({
      loader: "ts",
      contents: "export function createRedactor() { return { add() {}, redact: (text) => text }; }",
    }));
  },
});
