import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { OperatorError } from "#src/core/errors.ts";

/** What a key file holds. Nothing of it can be printed: the values come only when they are asked for. */
export interface Credentials {
  /** By the names that the venue's profile gives them. */
  reveal(): Readonly<Record<string, string>>;
  /** The values that must never be seen, for the redactor; addresses and account numbers are not among them. */
  secrets(): readonly string[];
}

export interface KeyFile {
  readonly venue: string;
  readonly path: string;
  /** The fields that it must hold: no more, no fewer. */
  readonly fields: readonly string[];
}

const LONGEST_BYTES = 64 * 1024;
/** A shorter secret could not be told from ordinary text, neither by a thief nor by our redactor. */
const SHORTEST_SECRET = 8;
/** These name an account; everybody on the venue may know them. */
const PUBLIC_FIELDS = ["walletAddress", "accountId", "uid"];
/** Names that may be repeated to the operator; any other might be a value that slipped. */
const FIELD_NAMES = [
  ...PUBLIC_FIELDS,
  ...["apiKey", "secret", "password", "passphrase", "privateKey", "mnemonic", "token", "login"],
  ...["key", "apiSecret", "secretKey", "vaultId", "publicKey", "subaccount", "subAccountNumber"],
];

/** Throws an OperatorError with a line for everything that is wrong; no line holds a value. */
export function readCredentials({ venue, path, fields }: KeyFile): Credentials {
  const fail = (problems: readonly string[]): never => {
    throw new OperatorError(problems.map((one) => `key file of ${venue}: ${one}`).join("\n"));
  };
  const text = readGuarded(path, fail);
  const table = parse(path, text);
  if (!table)
    return fail([`${path} is not valid ${isJson(path) ? "JSON" : "TOML"} of name = "value"`]);
  const { values, problems } = checkFields(table, fields);
  if (problems.length > 0) return fail(problems.map((one) => `${path}: ${one}`));
  return {
    reveal: () => ({ ...values }),
    secrets: () =>
      fields.filter((name) => !PUBLIC_FIELDS.includes(name)).map((name) => values[name] ?? ""),
  };
}

/** Looks at the very file that is then read, so that nobody can exchange it in between. */
function readGuarded(path: string, fail: (problems: readonly string[]) => never): string {
  const file = openOr(path, fail);
  try {
    const { mode, uid, size, isFile } = describe(file);
    if (!isFile) return fail([`${path} is not a regular file`]);
    const us = process.geteuid?.() ?? uid;
    if (uid !== us) {
      return fail([`${path} belongs to another user; type: sudo chown ${us} ${quote(path)}`]);
    }
    if ((mode & 0o7177) !== 0) {
      return fail([
        `${path} has mode 0${(mode & 0o7777).toString(8)} and must have 0600 or 0400; type: chmod 600 ${quote(path)}`,
      ]);
    }
    if (size > LONGEST_BYTES) return fail([`${path} is too long for a key file`]);
    return readFileSync(file, "utf8");
  } finally {
    closeSync(file);
  }
}

function openOr(path: string, fail: (problems: readonly string[]) => never): number {
  try {
    // Without waiting: a pipe would hold the start up until somebody writes to it.
    return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : null;
    return fail([
      code === "ENOENT"
        ? `${path} is not there; make it, then type: chmod 600 ${quote(path)}`
        : `${path} cannot be opened (${String(code)})`,
    ]);
  }
}

/** As a shell takes it. */
function quote(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}

function describe(file: number) {
  const stat = fstatSync(file);
  return { mode: stat.mode, uid: stat.uid, size: stat.size, isFile: stat.isFile() };
}

function checkFields(table: Readonly<Record<string, unknown>>, fields: readonly string[]) {
  const values: Record<string, string> = {};
  const problems: string[] = [];
  for (const name of fields) {
    const value = table[name];
    if (value === undefined) problems.push(`${name} is missing`);
    else if (typeof value !== "string") problems.push(`${name} must be text in quotes`);
    else {
      values[name] = value.trim();
      problems.push(...checkValue(name, value.trim()));
    }
  }
  Object.keys(table).forEach((name, index) => {
    if (fields.includes(name)) return;
    const shown = FIELD_NAMES.includes(name) ? name : `field ${index + 1} (its name is not shown)`;
    problems.push(`${shown} is unknown; this venue takes ${fields.join(", ")}`);
  });
  return { values, problems };
}

function checkValue(name: string, value: string): readonly string[] {
  if (value === "") return [`${name} is empty`];
  const isShort = !PUBLIC_FIELDS.includes(name) && value.length < SHORTEST_SECRET;
  return isShort ? [`${name} is too short to be a secret`] : [];
}

/** Null when it is no table; the parser's own words may quote the file and are left out. */
function parse(path: string, text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = isJson(path) ? JSON.parse(text) : Bun.TOML.parse(text);
    return isTable(value) ? value : null;
  } catch {
    return null;
  }
}

function isJson(path: string): boolean {
  return path.endsWith(".json");
}

function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
