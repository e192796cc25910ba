// npm's openai, and the AI SDK's providers for OpenAI (its responses) and for compatible services (completions):
//   node openai_chat.mjs ADDRESS KEY CLIENT WHAT
// Prints what they make of an answer: its text, its citations, its finish, or the error.
import OpenAI from "openai";
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { generateText, streamText } from "ai";

const [address, key, client, what] = process.argv.slice(2);
const messages = [{ role: "user", content: "Which tax incentives are there for research and development?" }];
const openai = new OpenAI({ baseURL: `${address}/v1`, apiKey: key, maxRetries: 0 });
const settings = { name: "gpo", baseURL: `${address}/v1`, apiKey: key };
const models = { compatible: createOpenAICompatible(settings)("gpo"), responses: createOpenAI(settings)("gpo") };
const model = models[client];
const abort = new AbortController();
const places = (annotations) => annotations.map((each) => each.url_citation ?? each);
const cited = (sources) => sources.map((each) => ({ url: each.url, title: each.title }));

const ways = {
  async "openai whole"() {
    const { choices, usage } = await openai.chat.completions.create({ model: "gpo", messages });
    const { content, annotations } = choices[0].message;
    return { text: content, citations: places(annotations), finish: choices[0].finish_reason, usage };
  },
  async "openai streamed"() {
    const found = { text: "", citations: [], finish: null };
    for await (const chunk of await openai.chat.completions.create({ model: "gpo", messages, stream: true })) {
      const { delta, finish_reason } = chunk.choices[0];
      found.text += delta.content ?? "";
      found.citations.push(...places(delta.annotations ?? []));
      found.finish = finish_reason;
    }
    return found;
  },
  async "openai cancelled"() {
    const stream = await openai.chat.completions.create({ model: "gpo", messages, stream: true });
    for await (const chunk of stream) if (chunk.choices[0].delta.content) break;
    return {};
  },
  async "openai-responses whole"() {
    const { output, status } = await openai.responses.create({ model: "gpo", input: messages });
    const { text, annotations } = output[0].content[0];
    return { text, citations: places(annotations), finish: status };
  },
  async "openai-responses streamed"() {
    const stream = openai.responses.stream({ model: "gpo", input: messages });
    let text = "";
    stream.on("response.output_text.delta", (event) => (text += event.delta));
    const { output, status, error } = await stream.finalResponse();
    if (error) throw error;
    return { text, citations: places(output[0].content[0].annotations), finish: status };
  },
  async "openai-responses cancelled"() {
    const stream = await openai.responses.create({ model: "gpo", input: messages, stream: true });
    for await (const event of stream) if (event.type === "response.output_text.delta") break;
    return {};
  },
  async "sdk whole"() {
    const { text, finishReason, sources } = await generateText({ model, messages, maxRetries: 0 });
    return { text, finish: finishReason, sources: cited(sources) };
  },
  async "sdk streamed"() {
    const errors = [];
    const result = streamText({ model, messages, maxRetries: 0, onError: ({ error }) => errors.push(error) });
    let text = "";
    for await (const piece of result.textStream) text += piece;
    if (errors.length) throw errors[0];
    return { text, finish: await result.finishReason, sources: cited(await result.sources) };
  },
  async "sdk cancelled"() {
    const result = streamText({ model, messages, abortSignal: abort.signal, maxRetries: 0 });
    for await (const piece of result.textStream) if (piece) abort.abort();
    return {};
  },
};
let found;
try {
  found = await ways[`${client in models ? "sdk" : client} ${what}`]();
} catch (error) {
  found = { error: error.status ?? error.statusCode ?? error.message, code: error.code ?? null };
}
console.log(JSON.stringify(found));
