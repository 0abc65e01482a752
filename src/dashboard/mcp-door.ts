import { createHash, timingSafeEqual } from "node:crypto";
import type { Context } from "hono";

const LARGEST_BODY = 64 * 1024;
const LOOPBACK_HOSTS = ["127.0.0.1", "localhost", "[::1]"];
const LOOPBACK_PEER = /^(::1|(::ffff:)?127\.\d{1,3}\.\d{1,3}\.\d{1,3})$/;

/** The tools for other programs, as the door sees them: text in, an answer out. */
export interface McpDoor {
  readonly token: string;
  readonly versions: readonly string[];
  answer(text: string): Promise<{ readonly status: 200 | 202 | 400; readonly body: unknown }>;
}

/**
 * Lets in who is on this machine, is no website, and knows the token; everybody else gets one line and
 * nothing of what they sent is read.
 */
export async function enterByMcp(
  c: Context,
  door: McpDoor,
  peer: string | null,
): Promise<Response> {
  if (!isLocal(c, peer)) return refuse(c, 403, "only programs on this machine are answered");
  if (!isWebsiteHere(c.req.header("origin"))) return refuse(c, 403, "websites are not answered");
  if (!knowsToken(c.req.header("authorization"), door.token)) {
    c.header("www-authenticate", "Bearer");
    return refuse(c, 401, "the bearer token is missing or wrong");
  }
  if (c.req.method !== "POST") {
    c.header("allow", "POST");
    return refuse(c, 405, "messages are sent with POST; nothing is streamed");
  }
  const version = c.req.header("mcp-protocol-version");
  if (version !== undefined && !door.versions.includes(version)) {
    return refuse(c, 400, `the protocol versions here are ${door.versions.join(", ")}`);
  }
  if (!/^application\/json\b/i.test(c.req.header("content-type") ?? "")) {
    return refuse(c, 415, "a message is application/json");
  }
  const text = await readCapped(c.req.raw);
  if (text === null) return refuse(c, 413, "a message has at most 64 KB");
  const { status, body } = await door.answer(text);
  return status === 202 ? c.body(null, 202) : c.json(body, status);
}

/** By its address and by the name that it asked for: a website can have its name lead here. */
function isLocal(c: Context, peer: string | null): boolean {
  const host = (c.req.header("host") ?? "").replace(/:\d+$/, "").toLowerCase();
  const isForwarded = ["x-forwarded-for", "forwarded"].some((name) => c.req.header(name));
  return peer !== null && LOOPBACK_PEER.test(peer) && LOOPBACK_HOSTS.includes(host) && !isForwarded;
}

function isWebsiteHere(origin: string | undefined): boolean {
  if (origin === undefined) return true;
  return URL.canParse(origin) && LOOPBACK_HOSTS.includes(new URL(origin).hostname);
}

/** In the same time whatever was sent: hashes of one length are compared. */
function knowsToken(header: string | undefined, token: string): boolean {
  const sent = /^bearer (.+)$/i.exec(header ?? "")?.[1] ?? "";
  return timingSafeEqual(hashOf(sent), hashOf(token));
}

function hashOf(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

/** Null when it is larger; no more than that is ever kept. */
async function readCapped({ headers, body }: Request): Promise<string | null> {
  if (Number(headers.get("content-length") ?? "0") > LARGEST_BODY) return null;
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of body ?? []) {
    size += part.byteLength;
    if (size > LARGEST_BODY) return null;
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}

function refuse(c: Context, status: 400 | 401 | 403 | 405 | 413 | 415, error: string): Response {
  return c.json({ error }, status);
}
