/** Four venues in a process of their own; resolves when they listen. */
export async function serveVenues(instruments: number): Promise<{
  readonly url: string;
  stop(): void;
}> {
  const child = Bun.spawn([process.execPath, "tests/bench/serve-venues.ts", String(instruments)], {
    stdout: "pipe",
    stderr: "inherit",
    stdin: "ignore",
  });
  const reader = child.stdout.getReader();
  const { value } = await reader.read();
  const url = new TextDecoder().decode(value).trim();
  if (url === "") throw new Error("the venues did not start");
  return { url, stop: () => child.kill() };
}
