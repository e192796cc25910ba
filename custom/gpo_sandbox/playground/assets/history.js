/* What was asked before, as the sandbox has kept it. */
class Conversations {
  constructor(list, none, open) {
    this.list = list;
    this.none = none;
    this.open = open;
    this.current = null;
  }

  async refresh() {
    const response = await fetch("/playground/conversations").catch(() => null);
    if (!response?.ok) return;
    const found = await response.json();
    this.none.hidden = found.length > 0;
    this.list.replaceChildren(...found.map(({ id, title }) => {
      const button = markdown.element("button", title);
      button.type = "button";
      button.title = title;
      if (id === this.current) button.setAttribute("aria-current", "true");
      button.addEventListener("click", () => this.open(id));
      return markdown.element("li", button);
    }));
  }

  async start(title) {
    const response = await post("conversations", { title });
    if (!response.ok) throw new Error((await response.json()).error);
    this.current = (await response.json()).id;
  }

  async turns(id) {
    const response = await fetch(`/playground/conversations/${encodeURIComponent(id)}`);
    if (!response.ok) throw new Error((await response.json()).error);
    this.current = id;
    const turns = [];
    for (const { role, content, sources } of await response.json()) {
      if (role === "user") turns.push(new Turn(content));
      if (role !== "assistant" || !turns.length) continue;
      const turn = turns.at(-1);
      turn.text = turn.fresh = content;
      turn.cite(sources);
    }
    for (const turn of turns) turn.end();
    return turns;
  }
}

function post(what, body) {
  return fetch(`/playground/${what}`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
}
