/* One question with its answer: the text as it comes, its sources, its facts. */
class Turn {
  constructor(query) {
    const { element } = markdown;
    this.text = this.fresh = "";
    this.sources = [];
    this.resumed = 0;
    this.askedAt = this.firstAt = this.lastAt = null;
    this.frame = 0;
    this.node = element("section");
    this.node.className = "turn";
    const asked = element("p", query);
    asked.className = "asked";
    this.answer = element("article");
    this.answer.className = "answer";
    this.answer.setAttribute("aria-label", "Answer");
    this.body = element("div");
    this.body.className = "text";
    this.note = element("p");
    this.note.className = "note";
    this.note.hidden = true;
    this.cited = element("div");
    this.cited.className = "sources";
    this.cited.hidden = true;
    this.facts = element("p");
    this.facts.className = "facts";
    this.facts.hidden = true;
    this.copy = element("button", "Copy");
    this.copy.type = "button";
    this.copy.className = "copy";
    this.copy.hidden = true;
    this.copy.addEventListener("click", () => navigator.clipboard.writeText(this.text));
    this.answer.append(this.body, this.note, this.cited, this.facts, this.copy);
    this.node.append(asked, this.answer);
    this.view = new markdown.View(this.body, number => this.citation(number));
  }

  begin() {
    this.askedAt = performance.now();
    this.answer.classList.add("writing");
    this.answer.setAttribute("aria-busy", "true");
  }

  add(content) {
    this.lastAt = performance.now();
    this.firstAt ??= this.lastAt;
    this.text += content;
    this.fresh += content;
    // Once a frame, however many pieces come.
    this.frame ||= requestAnimationFrame(() => { this.frame = 0; this.draw(); });
  }

  draw() {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    this.view.add(this.fresh);
    this.fresh = "";
    this.showFacts();
    this.node.dispatchEvent(new CustomEvent("grown", { bubbles: true }));
  }

  say(text, bad = false) {
    this.note.textContent = text;
    this.note.classList.toggle("bad", bad);
    this.note.hidden = !text;
  }

  end() {
    this.answer.classList.remove("writing");
    this.answer.removeAttribute("aria-busy");
    this.draw();
    this.view.end();
    this.copy.hidden = !this.text || !navigator.clipboard;
  }

  showFacts() {
    if (this.askedAt === null) return;
    const { element } = markdown, facts = [];
    if (this.firstAt !== null) facts.push(`first chunk ${((this.firstAt - this.askedAt) / 1000).toFixed(2)} s`);
    const seconds = (this.lastAt - this.firstAt) / 1000;
    if (seconds > 0.05) facts.push(`${Math.round(this.text.length / seconds)} characters/s`);
    this.facts.replaceChildren(...facts.map(fact => element("span", fact)));
    if (this.resumed) {
      const resumed = element("span", this.resumed === 1 ? "resumed" : `resumed ${this.resumed} times`);
      resumed.className = "resumed";
      this.facts.append(resumed);
    }
    this.facts.hidden = !this.facts.childElementCount;
  }

  citation(number) {
    const button = markdown.element("button", String(number));
    button.type = "button";
    button.className = "cite";
    button.setAttribute("aria-label", `Source ${number}`);
    button.setAttribute("aria-expanded", "false");
    button.addEventListener("click", () => this.peek(number, button));
    return button;
  }

  // Opens the cited excerpt below the words that cite it, or closes it.
  peek(number, button) {
    const { element } = markdown, source = this.sources[number - 1];
    const place = button.closest("p, li, td, th, h3, h4, h5") ?? this.body;
    const open = place.querySelector(`:scope > .peek[data-number="${number}"]`);
    button.setAttribute("aria-expanded", String(!open));
    if (open) return open.remove();
    const excerpt = source ? source.content_excerpt ?? "The document is not quoted." : "Sources come with the end of the answer.";
    const peek = element("span", ...(source ? [element("b", source.title ?? "")] : []), excerpt);
    peek.className = "peek";
    peek.dataset.number = number;
    peek.setAttribute("role", "note");
    place.append(peek);
    return peek.scrollIntoView({ block: "nearest" });
  }

  cite(sources) {
    this.sources = sources;
    const { element } = markdown;
    this.cited.replaceChildren(element("h3", sources.length === 1 ? "Source" : "Sources"), ...sources.map((source, index) => {
      const number = element("span", String(index + 1)), title = element("span", source.title ?? "");
      number.className = "number";
      title.className = "title";
      const summary = element("summary", number, title);
      if (typeof source.relevance_score === "number") {
        const meter = element("meter");
        meter.value = source.relevance_score;
        meter.title = `Relevance ${Math.round(source.relevance_score * 100)} %`;
        meter.setAttribute("aria-label", meter.title);
        summary.append(meter);
      }
      const excerpt = element("p", element("q", source.content_excerpt ?? "The document is not quoted."));
      excerpt.className = "excerpt";
      if (typeof source.relevance_score === "number") excerpt.append(quietly(`Relevance ${Math.round(source.relevance_score * 100)} %`));
      const node = element("details", summary, excerpt);
      node.className = "source";
      return node;
    }));
    this.cited.hidden = !sources.length;
  }
}

function quietly(text) {
  const node = markdown.element("span", text);
  node.className = "quiet";
  return node;
}
