import { expect, test } from "bun:test";
import { tmpdir } from "node:os";
import { runVectorFile } from "#tests/vectors/vector-file.ts";

test.each(["core", "strategy", "venues"])(
  "every golden %s case comes out of the product's own functions",
  async (file) => {
    const result = await runVectorFile(`tests/vectors/${file}.json`);

    expect(result).toMatchObject({ failures: [] });
  },
);

test("a wrong expectation fails, so the comparison is real", async () => {
  const path = `${tmpdir()}/hedgerow-wrong-vector.json`;
  const wrong = {
    id: "w",
    fn: "deltaDrift",
    input: { qtyA: "1", qtyB: "-1" },
    expected: { net: "1" },
    tol: "1e-12",
  };
  await Bun.write(path, JSON.stringify({ vectors: [wrong, { ...wrong, fn: "noSuch" }] }));

  const result = await runVectorFile(path);

  expect(result).toMatchObject({ passed: 0 });
});

test("a missing file is one clear line", async () => {
  expect(await runVectorFile("no/such/file.json")).toBe("no/such/file.json: there is no such file");
});
