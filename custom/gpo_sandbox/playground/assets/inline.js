"use strict";
/*
 * Markdown inside a block to DOM nodes, while the text is still arriving: emphasis, code, links and citations. Every
 * character ends up in a text node or is left out as a mark of the format: there is no way from here to markup. Nodes are
 * only ever added; only the end that may still become something else is shown for the time being, and replaced.
 */
const inline = (() => {
  // How far a mark looks for its partner, how long a mark may be, how deep marks go, and how long text nodes grow.
  const REACH = 2000, LONGEST = 200, DEEPEST = 4, NODE = 4000;
  // What has been looked at, for tests: it must stay in proportion to the text.
  const work = { characters: 0 };

  function element(name, ...children) {
    const node = document.createElement(name);
    node.append(...children);
    return node;
  }

  // Only addresses that lead to another page; anything else, such as javascript:, stays text.
  function link(label, address) {
    let url;
    try { url = new URL(address); } catch { return null; }
    if (url.protocol !== "https:" && url.protocol !== "http:") return null;
    const node = element("a", label);
    node.href = node.title = url.href;
    node.target = "_blank";
    node.rel = "noopener noreferrer nofollow";
    return node;
  }

  const UNDECIDED = { undecided: true };
  const literal = end => ({ end });
  const spaced = character => character === undefined || /\s/.test(character);

  // One pass over a text with marks in it. Whatever is looked for is looked for once: positions only ever grow.
  class Scan {
    constructor(text, isWhole, cite, depth) {
      Object.assign(this, { text, isWhole, cite, depth, found: new Map(), ticks: null, address: { at: -1, end: -1 } });
    }

    // Hands on texts and nodes, and returns how far they go.
    run(add) {
      const marks = /[`*_[]/g;
      let done = 0, at = 0;
      for (let mark; (marks.lastIndex = at, mark = marks.exec(this.text)); ) {
        const next = this.at(mark.index);
        if (next.undecided) { at = mark.index; add(this.text.slice(done, at)); work.characters += at; return at; }
        if (next.node) { add(this.text.slice(done, mark.index)); add(next.node); done = next.end; }
        at = next.end;
      }
      add(this.text.slice(done));
      work.characters += this.text.length;
      return this.text.length;
    }

    at(index) {
      const mark = this.text[index], doubled = this.text[index + 1] === mark;
      if (mark === "`") return this.code(index);
      if (mark === "[") return this.bracket(index);
      if (index + 1 === this.text.length) return this.later(index, 1);
      if (doubled) return this.strong(index, mark + mark);
      return mark === "*" ? this.emphasis(index) : literal(index + 1);
    }

    // No partner so far: there may be one in what is still to come, if that is near enough.
    later(index, length) {
      return this.isWhole || this.text.length - index > REACH + LONGEST ? literal(index + length) : UNDECIDED;
    }

    find(mark, from, fits = () => true) {
      let at = this.found.get(mark) ?? -1;
      if (at >= from) return at;
      do { at = this.text.indexOf(mark, Math.max(at + 1, from)); } while (at >= 0 && !fits(at));
      if (at < 0) at = Infinity;
      work.characters += Math.min(at, this.text.length) - from;
      this.found.set(mark, at);
      return at;
    }

    nested(name, from, to) {
      if (this.depth >= DEEPEST) return document.createTextNode(this.text.slice(from, to));
      const node = document.createElement(name);
      new Scan(this.text.slice(from, to), true, this.cite, this.depth + 1).run(part => node.append(part));
      return node;
    }

    strong(index, mark) {
      if (index + 2 === this.text.length) return this.later(index, 2);
      if (spaced(this.text[index + 2])) return literal(index + 2);
      const end = this.find(mark, index + 3, at => !spaced(this.text[at - 1]));
      if (end === Infinity) return this.later(index, 2);
      return end - index > REACH ? literal(index + 2) : { node: this.nested("strong", index + 2, end), end: end + 2 };
    }

    emphasis(index) {
      if (spaced(this.text[index + 1])) return literal(index + 1);
      const end = this.find("*", index + 1);
      if (end === Infinity) return this.later(index, 1);
      const isNone = end - index > REACH || spaced(this.text[end - 1]);
      return isNone ? literal(index + 1) : { node: this.nested("em", index + 1, end), end: end + 1 };
    }

    // Code ends with as many ticks as it began with.
    code(index) {
      this.ticks ??= this.runs();
      const length = this.ticks.lengths.get(index), ends = this.ticks.places.get(length), opened = index + length;
      while (ends.length && ends.at(-1) < opened) ends.pop();
      const end = ends.at(-1);
      if (opened === this.text.length || end === undefined) return this.later(index, length);
      if (end - index > REACH) return literal(opened);
      if (end + length === this.text.length && !this.isWhole) return this.later(index, length);
      return { node: element("code", this.text.slice(opened, end)), end: end + length };
    }

    runs() {
      const lengths = new Map(), places = new Map();
      for (const { 0: { length }, index } of this.text.matchAll(/`+/g)) {
        lengths.set(index, length);
        if (!places.has(length)) places.set(length, []);
        places.get(length).push(index);
      }
      for (const found of places.values()) found.reverse();
      work.characters += this.text.length;
      return { lengths, places };
    }

    // A citation such as [1], or a link.
    bracket(index) {
      const end = this.find("]", index + 1);
      if (this.find("\n", index + 1) < end || end === index + 1) return literal(index + 1);
      if (end === Infinity || end + 1 === this.text.length && !this.isWhole) return this.later(index, 1);
      const label = end - index <= REACH ? this.text.slice(index + 1, end) : "";
      if (this.text[end + 1] !== "(") return /^\d{1,3}$/.test(label) ? { node: this.cite(Number(label)), end: end + 1 } : literal(index + 1);
      const close = this.closing(end + 2);
      if (close === this.text.length) return this.later(index, 1);
      if (!label || close === end + 2 || this.text[close] !== ")" || close - index > REACH) return literal(index + 1);
      return { node: link(label, this.text.slice(end + 2, close)), end: close + 1 };
    }

    // Where an address ends. Several brackets may come before the same one.
    closing(from) {
      if (this.address.at !== from) {
        const ends = /[()\s]/g;
        ends.lastIndex = from;
        const end = ends.exec(this.text)?.index ?? this.text.length;
        work.characters += end - from;
        this.address = { at: from, end };
      }
      return this.address.end;
    }
  }

  // The text of one paragraph, item, cell or heading. `cite(number)` makes the node for a citation such as [1].
  class Inline {
    constructor(parent, cite) {
      this.cite = cite;
      this.text = "";
      this.isEmpty = true;
      this.shown = [];
      // What is added goes before this; whoever else appends to the parent stays behind it.
      this.end = document.createTextNode("");
      parent.append(this.end);
    }

    feed(text) {
      if (this.isEmpty) text = text.trimStart();
      this.isEmpty &&= !text;
      this.text += text;
    }

    draw(isWhole = false) {
      for (const node of this.shown) node.remove();
      this.shown = [];
      const settled = new Scan(this.text, isWhole, this.cite, 0).run(part => this.add(part));
      this.text = this.text.slice(settled);
      if (this.text) new Scan(this.text, true, this.cite, 0).run(part => part && this.shown.push(this.place(part)));
    }

    add(part) {
      const before = this.end.previousSibling;
      if (!part) return;
      if (typeof part === "string" && before?.nodeType === Node.TEXT_NODE && before.length < NODE) before.appendData(part);
      else this.place(part);
    }

    place(part) {
      const node = typeof part === "string" ? document.createTextNode(part) : part;
      this.end.before(node);
      return node;
    }

    finish() { this.draw(true); }
  }

  // The number signs that may close a heading are left out, once it is clear that they close it.
  class Heading extends Inline {
    held = "";

    feed(text) {
      let end = text.length;
      while (end && " \t#".includes(text[end - 1])) end--;
      work.characters += text.length - end;
      if (end) super.feed(this.held + text.slice(0, end));
      this.held = end ? text.slice(end) : this.held + text;
    }

    finish() {
      const held = this.held.trimEnd();
      let end = held.length;
      while (end && held[end - 1] === "#") end--;
      if (end && !spaced(held[end - 1]) || !end && this.held[0] === "#") end = held.length;
      super.feed(held.slice(0, end).trimEnd());
      super.finish();
    }
  }

  // The text of a code block is what it is.
  class Code {
    constructor(parent) { this.parent = parent; }
    feed(text) {
      const before = this.parent.lastChild;
      if (before && before.length < NODE) before.appendData(text);
      else this.parent.append(text);
      work.characters += text.length;
    }
    draw() {}
    finish() {}
  }
  return { Code, Heading, Inline, element, work };
})();
