import type { EpochMs } from "#src/core/units.ts";

/** Rows of a recorded year: of these assets, on these venues, in this time. Null without the file. */
export async function readYear(
  path: string,
  wanted: {
    readonly assets: readonly string[];
    readonly venues: readonly string[];
    readonly since?: EpochMs | undefined;
    readonly until?: EpochMs | undefined;
  },
): Promise<string | null> {
  const file = Bun.file(path);
  if (!(await file.exists())) return null;
  const bytes = new Uint8Array(await file.arrayBuffer());
  const text = new TextDecoder().decode(path.endsWith(".gz") ? Bun.gunzipSync(bytes) : bytes);
  const [header = "", ...rows] = text.split("\n");
  const kept = rows.filter((row) => {
    const [stamp, venue = "", base = ""] = row.split(",", 3);
    const at = Number(stamp);
    if (at < (wanted.since ?? 0) || at > (wanted.until ?? Number.POSITIVE_INFINITY)) return false;
    return wanted.venues.includes(venue) && wanted.assets.includes(base);
  });
  return [header, ...kept].join("\n");
}
