import { useChat } from "@ai-sdk/react";
import { useState } from "react";
import { createRoot } from "react-dom/client";

function Message({ message }) {
  const of = (type) => message.parts.filter((part) => part.type.startsWith(type));
  const sources = of("source-");
  return (
    <article className={message.role}>
      {of("text").map((part) => part.text).join("")}
      {sources.length > 0 && (
        <ol>
          {sources.map((source) => (
            <li key={source.sourceId}>{source.title}</li>
          ))}
        </ol>
      )}
    </article>
  );
}

function Chat({ id, before }) {
  const [query, setQuery] = useState("");
  // `resume` asks for the rest of an answer that was being written when the page was loaded again.
  const { messages, sendMessage, status, error, stop } = useChat({ id, messages: before, resume: true });
  const ask = (event) => {
    event.preventDefault();
    sendMessage({ text: query });
    setQuery("");
  };
  const end = () => {
    // Going away alone does not stop an answer: the page may be loading again.
    fetch(`/api/answers/${messages.at(-1).id}/stop`, { method: "POST" });
    stop();
  };
  return (
    <>
      {messages.map((message) => (
        <Message key={message.id} message={message} />
      ))}
      {error && <p role="alert">{error.message}</p>}
      <form onSubmit={ask}>
        <input aria-label="Question" value={query} onChange={(event) => setQuery(event.target.value)} />
        <button disabled={status === "streaming" || status === "submitted" || !query.trim()}>Ask</button>
        {status === "streaming" && <button type="button" onClick={end}>Stop</button>}
      </form>
    </>
  );
}

// A chat is a conversation; its address names it.
const address = new URL(location.href);
let id = address.searchParams.get("chat");
if (!id) {
  ({ id } = await (await fetch("/api/chats", { method: "POST" })).json());
  address.searchParams.set("chat", id);
  history.replaceState(null, "", address);
}
const before = await (await fetch(`/api/chat/${encodeURIComponent(id)}/messages`)).json();
createRoot(document.getElementById("root")).render(<Chat id={id} before={before} />);
