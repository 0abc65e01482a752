import { readFileSync } from "node:fs";
import { plugin } from "bun";
import { HOSTILE_MUTANTS } from "#tests/hostile/hostile-mutants.ts";
import { MUTANTS } from "./mutants.ts";

/**
 * Loaded before the product: `--mutant=N` makes the module loader read N's patched sources;
 * `--hostile-mutant=N` those of N in the list of the hostile model.
 */
function chosen(option: string, list: typeof MUTANTS) {
  const text = process.argv.find((one) => one.startsWith(option))?.slice(option.length);
  return text === undefined ? undefined : list[Number(text)];
}

const mutant = chosen("--mutant=", MUTANTS) ?? chosen("--hostile-mutant=", HOSTILE_MUTANTS);
if (!mutant) throw new Error("which mutant?");

plugin({
  name: "mutant",
  setup(build) {
    for (const file of new Set(mutant.patches.map((patch) => patch.file))) {
      const filter = new RegExp(`/${file.replaceAll(".", "\\.")}$`);
      build.onLoad({ filter }, ({ path }) => ({ contents: patched(file, path), loader: "ts" }));
    }
  },
});

function patched(file: string, path: string): string {
  let text = readFileSync(path, "utf8");
  for (const { find, replace } of mutant?.patches.filter((patch) => patch.file === file) ?? []) {
    // A patch that no longer fits would leave the engine whole, and the mutant would seem to survive.
    if (text.split(find).length !== 2)
      throw new Error(`the patch of ${file} does not fit: ${find}`);
    text = text.replace(find, () => replace);
  }
  return text;
}
