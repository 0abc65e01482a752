/** Is this a name of our own machine? As a setting or as a URL writes it. */
export function isLoopbackHost(host: string): boolean {
  return ["127.0.0.1", "localhost", "::1", "[::1]"].includes(host);
}
