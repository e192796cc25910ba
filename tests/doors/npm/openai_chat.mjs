// npm's openai, and the AI SDK's provider for compatible services: node openai_chat.mjs ADDRESS KEY CLIENT WHAT
// Prints what they make of a completion: its text, its citations, its finish, or the error.
import OpenAI from "openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { generateText, streamText } from "ai";

const [address, key, client, what] = process.argv.slice(2);
const messages = [{ role: "user", content: "Which tax incentives are there for research and development?" }];
const openai = new OpenAI({ baseURL: `${address}/v1`, apiKey: key, maxRetries: 0 });
const model = createOpenAICompatible({ name: "gpo", baseURL: `${address}/v1`, apiKey: key })("gpo");
const abort = new AbortController();

const ways = {
  async "openai whole"() {
    const { choices, usage } = await openai.chat.completions.create({ model: "gpo", messages });
    const { content, annotations } = choices[0].message;
    return { text: content, citations: annotations.map((each) => each.url_citation), finish: choices[0].finish_reason, usage };
  },
  async "openai streamed"() {
    const found = { text: "", citations: [], finish: null };
    for await (const chunk of await openai.chat.completions.create({ model: "gpo", messages, stream: true })) {
      const { delta, finish_reason } = chunk.choices[0];
      found.text += delta.content ?? "";
      found.citations.push(...(delta.annotations ?? []).map((each) => each.url_citation));
      found.finish = finish_reason;
    }
    return found;
  },
  async "openai cancelled"() {
    const stream = await openai.chat.completions.create({ model: "gpo", messages, stream: true });
    for await (const chunk of stream) if (chunk.choices[0].delta.content) break;
    return {};
  },
  async "compatible whole"() {
    const { text, finishReason } = await generateText({ model, messages, maxRetries: 0 });
    return { text, finish: finishReason };
  },
  async "compatible streamed"() {
    const errors = [];
    const result = streamText({ model, messages, maxRetries: 0, onError: ({ error }) => errors.push(error) });
    let text = "";
    for await (const piece of result.textStream) text += piece;
    if (errors.length) throw errors[0];
    return { text, finish: await result.finishReason };
  },
  async "compatible cancelled"() {
    const result = streamText({ model, messages, abortSignal: abort.signal, maxRetries: 0 });
    for await (const piece of result.textStream) if (piece) abort.abort();
    return {};
  },
};
let found;
try {
  found = await ways[`${client} ${what}`]();
} catch (error) {
  found = { error: error.status ?? error.statusCode ?? error.message, code: error.code ?? null };
}
console.log(JSON.stringify(found));
