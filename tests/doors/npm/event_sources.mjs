// Clients of event streams that read a relayed answer to its end: in Node, node event_sources.mjs ADDRESS CLIENT; a page
// imports `clients`. Each calls `take` with the data of each message, and comes back when its connection breaks.
import { fetchEventSource } from "@microsoft/fetch-event-source";
import { EventSource as NpmEventSource } from "eventsource";
import { EventSourceParserStream } from "eventsource-parser/stream";

const listening = (Source) => (address, take) =>
  new Promise((resolve, reject) => {
    const source = new Source(address);
    source.onmessage = ({ data }) => {
      if (take(data)) resolve(source.close());
    };
    source.onerror = () => {
      if (source.readyState === 2) reject(new Error("it has given up"));
    };
  });

export const clients = {
  native: listening(globalThis.EventSource),
  eventsource: listening(NpmEventSource),

  async "eventsource-parser"(address, take) {
    let lastEventId = "", pause = 1000, ended = false;
    while (!ended) {
      try {
        const headers = lastEventId ? { "Last-Event-ID": lastEventId } : {};
        const { body } = await fetch(address, { headers });
        const parser = new EventSourceParserStream({
          onId: (id) => { lastEventId = id; },
          onRetry: (milliseconds) => { pause = milliseconds; },
        });
        const events = body.pipeThrough(new TextDecoderStream()).pipeThrough(parser).getReader();
        for (let next; !ended && !(next = await events.read()).done; )
          if (!next.value.event) ended = take(next.value.data);
      } catch {
        // the connection broke
      }
      if (!ended) await new Promise((resolve) => setTimeout(resolve, pause));
    }
  },

  async "fetch-event-source"(address, take) {
    const abort = new AbortController();
    await fetchEventSource(address, {
      signal: abort.signal,
      openWhenHidden: true,
      onmessage({ event, data }) {
        if (data && !event && take(data)) abort.abort();
      },
      onclose() {
        if (!abort.signal.aborted) throw new Error("it ended before the answer did"); // that is how it is told to retry
      },
    });
  },
};

/** Reads an answer: its text, its sources, and whether it came to its end. */
export async function read(client, address, started = () => {}) {
  const found = { text: "", sources: [], complete: false, errors: [] };
  await clients[client](address, (data) => {
    const { content, sources, error, is_complete: isComplete } = JSON.parse(data);
    if (content) started((found.text += content));
    found.sources.push(...(sources ?? []).map((source) => source.title));
    if (error) found.errors.push(error);
    found.complete = isComplete ?? false;
    return found.complete || Boolean(error);
  });
  return found;
}

if (globalThis.process) {
  Object.assign(globalThis, { window: globalThis, document: new EventTarget() }); // what fetch-event-source expects
  const [address, client] = process.argv.slice(2);
  const alive = setInterval(() => {}, 1000); // eventsource's own timer does not keep the program running
  const found = await read(client, address, (text) => console.log(text));
  clearInterval(alive);
  console.log(JSON.stringify(found));
}
