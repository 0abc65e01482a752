import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { basename, dirname } from "node:path";

/** The house rules of DESIGN: who may import whom. A folder that is not here may import nothing. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  core: [],
  ports: ["core"],
  opportunities: ["core"],
  proposals: ["core"],
  guard: ["core"],
  rates: ["core", "ports"],
  approvals: ["core", "ports"],
  ledger: ["core", "ports"],
  alerts: ["core", "ports"],
  reports: ["core", "ports"],
  charts: ["core", "reports"],
  backtest: ["core", "opportunities", "proposals", "ledger", "reports", "charts"],
  execution: ["core", "ports", "guard"],
  pipeline: [
    ...["core", "ports", "rates", "opportunities", "proposals", "guard", "approvals"],
    ...["execution", "ledger", "reports", "alerts"],
  ],
  venues: ["core", "ports"],
  store: ["core", "ports"],
  llm: ["core", "ports"],
  runtime: ["core", "ports"],
  sandbox: ["core", "ports"],
  tools: ["core", "pipeline", "reports", "prompts"],
  agent: ["core", "ports", "tools", "prompts"],
  telegram: ["core", "ports", "pipeline", "reports", "alerts", "agent", "charts"],
  scheduler: ["core", "ports", "pipeline", "reports", "alerts"],
  dashboard: ["core", "ports", "pipeline", "reports", "alerts", "charts"],
  config: ["core"],
};

const VENDOR_HOMES: Readonly<Record<string, readonly string[]>> = {
  "big.js": ["core"],
  ccxt: ["venues"],
  "drizzle-orm": ["store"],
  "bun:sqlite": ["store"],
  grammy: ["telegram"],
  hono: ["dashboard", "sandbox"],
  croner: ["scheduler"],
  "trading-signals": ["rates"],
  marked: ["agent"],
  "@anthropic-ai/sdk": ["llm"],
  openai: ["llm"],
  echarts: ["charts"],
  "@resvg/resvg-js": ["charts"],
  "@expo-google-fonts/inter": ["charts"],
};

/** A name on the left may stand only in files whose path begins with one of those on the right. */
const NAME_HOMES: readonly (readonly [RegExp, readonly string[]])[] = [
  [/\bprocess\.env\b/, ["config/load.ts"]],
  [/\bDate\.now\b|\bnew Date\(\)/, ["src/runtime/"]],
  [/\bset(Timeout|Interval|Immediate)\(|\bBun\.sleep\b/, ["src/runtime/"]],
  [/\bMath\.random\b|\brandomUUID\b|\bgetRandomValues\b|\brandomBytes\b/, ["src/runtime/"]],
  [/\bperformance\.now\b/, ["src/runtime/"]],
  [/\bclaimSealer\b/, ["src/core/guarded.ts", "src/guard/ticket.ts"]],
  [/\bissueTicket\b/, ["src/guard/ticket.ts", "src/guard/check.ts"]],
];

interface SourceFile {
  readonly path: string;
  readonly folder: string;
  readonly text: string;
  readonly imports: readonly string[];
}

const files = await readSources();
const product = files.filter((file) => !file.path.startsWith("tests/"));

describe("the house", () => {
  test("every folder imports only what the table allows", () => {
    const broken = product.flatMap((file) =>
      file.imports
        .map((target) => ({ target, folder: importedFolder(file, target) }))
        .filter(({ folder }) => folder !== null && !mayImport(file.folder, folder))
        .map(({ target }) => `${file.path} imports ${target}`),
    );
    expect(broken).toEqual([]);
  });

  test("nobody imports main, and nobody climbs with ../", () => {
    const broken = files.flatMap((file) =>
      file.imports
        .filter((target) => target === "#src/main.ts" || target.startsWith("../"))
        .map((target) => `${file.path} imports ${target}`),
    );
    expect(broken).toEqual([]);
  });

  test("every vendor stays in its home", () => {
    const broken = product.flatMap((file) =>
      file.imports
        .map((target) => ({ target, home: vendorHome(target) }))
        .filter(({ home }) => home !== null && !home.includes(file.folder))
        .map(({ target }) => `${file.path} imports ${target}`),
    );
    expect(broken).toEqual([]);
  });

  test("clocks, timers, randomness, the environment and the guard's makers stay in their homes", () => {
    const broken = product.flatMap((file) =>
      NAME_HOMES.filter(
        ([name, homes]) =>
          name.test(withoutComments(file.text)) &&
          !homes.some((home) => file.path.startsWith(home)),
      ).map(([name]) => `${file.path} uses ${name.source}`),
    );
    expect(broken).toEqual([]);
  });

  test("there is no default export, no barrel, no any and no non-null assertion", () => {
    const broken = files.filter((file) =>
      /^export default\b|^export \* from|: any\b|\bas any\b|<any>/m.test(
        withoutComments(file.text),
      ),
    );
    expect(broken.map((file) => file.path)).toEqual(
      broken.filter((file) => file.path === "tests/tidy.test.ts").map((file) => file.path),
    );
  });

  test("no product file is longer than 300 lines", () => {
    const long = product.filter((file) => file.text.split("\n").length > 301);
    expect(long.map((file) => file.path)).toEqual([]);
  });
});

describe("prompts and tools", () => {
  test("each tool has a prompt of the same name and each prompt a tool", async () => {
    const tools = (await glob("tools/*.ts")).map((path) => basename(path, ".ts"));
    const prompts = (await glob("prompts/tools/*.txt")).map((path) => basename(path, ".txt"));
    const named = tools.filter((name) => name !== "tool" && name !== "registry");
    expect(named.sort()).toEqual(prompts.sort());
    expect(named.length).toBeGreaterThan(0);
  });
});

describe("the documents", () => {
  test.each(["README.md", "CONTRIBUTING.md", "CHANGELOG.md"])(
    "%s names only paths and commands that exist",
    async (name) => {
      const text = await Bun.file(name).text();
      const scripts = Object.keys((await Bun.file("package.json").json()).scripts);
      const paths = [...text.matchAll(/[`(]((?:src|tools|config|prompts|tests|\.ci)\/[\w./-]*)/g)];
      const commands = [...text.matchAll(/bun(?:@[\d.]+)? run ([a-z]+)/g)];
      expect(paths.map((found) => found[1] ?? "").filter((path) => !existsSync(path))).toEqual([]);
      expect(
        commands.map((found) => found[1] ?? "").filter((command) => !scripts.includes(command)),
      ).toEqual([]);
    },
  );

  test("no file speaks of a machine, a workplace or a registry host", () => {
    const words = ["/ro" + "ot/", "/wo" + "rk/", "registry.np" + "mjs"];
    const broken = files.filter((file) => words.some((word) => file.text.includes(word)));
    expect(broken.map((file) => file.path)).toEqual([]);
  });
});

function mayImport(from: string, to: string): boolean {
  return from === "main" || from === to || (MAY_IMPORT[from] ?? []).includes(to);
}

/** The folder of ours that an import points to; null for a vendor. */
function importedFolder(file: SourceFile, target: string): string | null {
  if (target.startsWith("./")) return folderOf(`${dirname(file.path)}/${target.slice(2)}`);
  return target.startsWith("#") ? folderOf(target.slice(1)) : null;
}

function folderOf(path: string): string {
  const [top = "", second = ""] = path.split("/");
  if (top !== "src") return top;
  return second.replace(/\.tsx?$/, "");
}

function vendorHome(target: string): readonly string[] | null {
  const name = Object.keys(VENDOR_HOMES).find(
    (vendor) => target === vendor || target.startsWith(`${vendor}/`),
  );
  return name ? (VENDOR_HOMES[name] ?? null) : null;
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/\/\/.*$/gm, "");
}

async function readSources(): Promise<readonly SourceFile[]> {
  const paths = await glob("{src,tools,config,tests}/**/*.{ts,tsx}");
  return Promise.all(
    paths.map(async (path) => {
      const text = await Bun.file(path).text();
      const found = text.matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g);
      return {
        path,
        folder: folderOf(path),
        text,
        imports: [...found].map((item) => item[1] ?? ""),
      };
    }),
  );
}

async function glob(pattern: string): Promise<string[]> {
  const found: string[] = [];
  for await (const path of new Bun.Glob(pattern).scan(".")) found.push(path);
  return found.sort();
}
