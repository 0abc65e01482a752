type Redact = (text: string) => string;

/** The answer with every secret cut out of its body: page, JSON, or stream of events. */
export async function redactResponse(response: Response, redact: Redact): Promise<Response> {
  const { body, status, headers } = response;
  if (body === null) return response;
  headers.delete("content-length");
  const isStream = headers.get("content-type")?.startsWith("text/event-stream");
  return isStream
    ? new Response(body.pipeThrough(eventRedactor(redact)), { status, headers })
    : new Response(redact(await response.text()), { status, headers });
}

/** Event by event: a secret can lie across two chunks, but not across two events. */
function eventRedactor(redact: Redact): TransformStream<Uint8Array, Uint8Array> {
  const decoder = new TextDecoder();
  const encoder = new TextEncoder();
  let waiting = "";
  return new TransformStream({
    transform(chunk, controller) {
      waiting += decoder.decode(chunk, { stream: true });
      const end = waiting.lastIndexOf("\n\n") + 2;
      if (end < 2) return;
      controller.enqueue(encoder.encode(redact(waiting.slice(0, end))));
      waiting = waiting.slice(end);
    },
    flush(controller) {
      if (waiting !== "") controller.enqueue(encoder.encode(redact(waiting)));
    },
  });
}
