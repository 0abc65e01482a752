import type { LanguageModel, ModelMessage } from "#src/ports/language-model.ts";

/** A model that never reads a secret: whatever is sent to it is cut first, however it got there. */
export function createRedactedModel(
  model: LanguageModel,
  redact: (text: string) => string,
): LanguageModel {
  return {
    id: model.id,
    reply: (request) =>
      model.reply({
        ...request,
        system: redact(request.system),
        facts: request.facts === null ? null : redact(request.facts),
        messages: request.messages.map((message) => redactMessage(message, redact)),
      }),
  };
}

function redactMessage(message: ModelMessage, redact: (text: string) => string): ModelMessage {
  if (message.role === "user") return { ...message, text: redact(message.text) };
  if (message.role === "tool") return { ...message, json: redact(message.json) };
  const calls = message.calls.map((call) => ({
    ...call,
    argumentsJson: redact(call.argumentsJson),
  }));
  // What a provider wants back unchanged goes back unchanged, or not at all.
  const sent = JSON.stringify(message.echo ?? null);
  const echo = redact(sent) === sent ? (message.echo ?? null) : null;
  return { ...message, text: redact(message.text), calls, echo };
}
