/**
 * Sends a library's request with our headers alone. The libraries read the environment (their own keys,
 * custom headers, organisations) and add facts about this machine; none of it may leave. A redirect
 * would carry the key to whoever it names.
 */
export function createOwnFetch(
  apiKey: string | null,
  headers: Readonly<Record<string, string>> = {},
): (url: string | URL | Request, init?: RequestInit) => Promise<Response> {
  const ours = {
    accept: "application/json",
    "content-type": "application/json",
    "user-agent": "hedgerow",
    ...(apiKey === null ? {} : { authorization: `Bearer ${apiKey}` }),
    ...headers,
  };
  return (url, init) => fetch(url, { ...init, headers: ours, redirect: "error" });
}
