// The AI SDK's own transport and reader at a chat's address: node ai_chat.mjs ADDRESS ask|resume [STOP_AFTER]
// Prints a line when it begins, and the message that they make of the answer, or null where no answer is running.
import { DefaultChatTransport, readUIMessageStream } from "ai";

const [address, what, stopAfter] = process.argv.slice(2);
const transport = new DefaultChatTransport({ api: address });
const asked = { id: "m1", role: "user", parts: [{ type: "text", text: "?" }] };
const abort = new AbortController();
const options = { chatId: "chat-1", abortSignal: abort.signal };
const stream =
  what === "ask"
    ? await transport.sendMessages({ ...options, trigger: "submit-message", messages: [asked] })
    : await transport.reconnectToStream(options);
let message = null;
const errors = [];
if (stream) {
  const onError = (error) => errors.push(error.message);
  try {
    for await (const state of readUIMessageStream({ stream, onError, terminateOnError: false })) {
      if (message === null) console.log("begun");
      message = structuredClone(state);
      const text = message.parts.find((part) => part.type === "text")?.text ?? "";
      if (stopAfter && text.length >= Number(stopAfter)) abort.abort();
    }
  } catch (error) {
    if (error.name !== "AbortError") throw error;
  }
}
console.log(JSON.stringify({ message, errors }));
