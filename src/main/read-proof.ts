import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { ProofView } from "#src/reports/proof-view.ts";

const ROOT = join(import.meta.dir, "..", "..");
const FILE = join(ROOT, "tests", "simulation", "proof.json");
/** Everything that decides what is sent, booked and told. */
const ENGINE_FOLDERS = ["core", "ports", "guard", "execution"];

/** The saved run of the fault simulation; null when there is none that can be read. */
export function readProof(): ProofView | null {
  try {
    const proof = proofSchema.parse(JSON.parse(readFileSync(FILE, "utf8")));
    return { ...proof, isCurrent: proof.engine === engineFingerprint() };
  } catch {
    return null;
  }
}

/** Changes with every change of the engine's sources. */
export function engineFingerprint(): string {
  const hash = new Bun.CryptoHasher("sha256");
  for (const folder of ENGINE_FOLDERS) {
    const root = join(ROOT, "src", folder);
    for (const name of readdirSync(root, { recursive: true, encoding: "utf8" }).toSorted()) {
      if (name.endsWith(".ts"))
        hash.update(`${folder}/${name}\n${readFileSync(join(root, name), "utf8")}`);
    }
  }
  return hash.digest("hex").slice(0, 12);
}

const ends = z.object({
  neutral: z.number(),
  flat: z.number(),
  held: z.number(),
  silent: z.number(),
});

const proofSchema = z.object({
  engine: z.string(),
  ...{ from: z.number(), schedules: z.number(), crashPoints: z.number(), crashes: z.number() },
  ...{ violations: z.number(), virtualHours: z.number() },
  ...{ longestNakedMs: z.number(), longestUntoldMs: z.number() },
  ends,
  faults: z.array(
    z.object({
      ...{ name: z.string(), label: z.string(), struck: z.number(), ends },
      ...{ longestNakedMs: z.number(), longestUntoldMs: z.number() },
    }),
  ),
  defects: z.array(z.object({ name: z.string(), foundBy: z.string().nullable() })),
});
