"use strict";
/*
 * Markdown to DOM nodes, line by line, while the text is still arriving. Nodes are only ever added: a block that is
 * followed by another is neither looked at nor touched again, so the work grows with the text and a selection in it
 * stays. What is not understood stays as it was written.
 */
const markdown = (() => {
  const { Code, Heading, Inline, element, work } = inline;
  // How much of a line is held back until it is clear what it is, the longest line that may head a table, and how deep
  // lists go.
  const HELD = 200, HEADER = 2000, LEVELS = 8;
  const FENCE = /^ {0,3}(`{3,}(?=[^`]*$)|~{3,})/, HEADING = /^(#{1,6})\s+/, ITEM = /^(\s{0,100})(?:[-*+]|(\d{1,9})[.)])\s+/;
  const RULE = /^\s{0,3}([-*_])(?:[ \t]*\1){2,}\s*$/;
  // A line of which only this is there may still become one thing or another.
  const OPEN = /^\s*(?:>\s*|#{1,6}\s*|\d{1,9}(?:[.)]\s*)?|[-*+_](?:[ \t]*[-*_])*[ \t]*)$|^ {0,3}(?:`{1,2}$|`{3}|~)/;
  const cells = line => line.trim().replace(/^\|/, "").replace(/\|$/, "").split("|").map(cell => cell.trim());
  const isDelimiter = line => line.length <= HEADER && line.includes("-") && cells(line).every(cell => /^:?-+:?$/.test(cell));

  // Shows a text that grows, line by line; of the last line as much as is clear.
  class View {
    constructor(parent, cite) {
      Object.assign(this, { parent, cite, block: null, sink: null, line: "", isFlowing: false, isBlank: true, isReturning: false });
    }

    add(text) {
      const all = (this.isReturning ? "\r" : "") + text;
      this.isReturning = all.endsWith("\r");
      const lines = (this.isReturning ? all.slice(0, -1) : all).replace(/\r\n?/g, "\n").split("\n");
      lines.forEach((part, index) => this.take(part, index < lines.length - 1));
      this.sink?.draw();
    }

    end() {
      if (this.line) this.begin(this.line, true);
      Object.assign(this, { line: "", isBlank: true, isFlowing: false });
      this.leave();
    }

    take(part, isWhole) {
      if (this.isFlowing) this.flow(part);
      else {
        this.line += part;
        this.isBlank &&= !part.trim();
        if (isWhole || !this.isOpen()) {
          this.begin(this.line, isWhole);
          this.isFlowing = true;
          this.line = "";
        }
      }
      if (!isWhole) return;
      this.isFlowing = false;
      this.isBlank = true;
      if (this.block?.kind === "heading") this.leave();
    }

    flow(part) {
      if (!part) return;
      this.sink?.feed(part);
      if (this.block?.first !== undefined && this.block.lines === 1) this.block.first += part;
    }

    // Whether what is there of a line could still become one thing or another.
    isOpen() {
      const line = this.line, kind = this.block?.kind;
      const is = pattern => { work.characters += line.length; return pattern.test(line); };
      if (kind === "fence") return line.length <= HELD && is(/^ {0,3}[`~]*\s*$/);
      if (kind === "table" || this.isBlank) return true;
      if (line.length <= HELD && is(OPEN)) return true;
      return line.length <= HEADER && this.mayHead() && is(/^[\s|:-]*$/);
    }

    mayHead() { return this.block?.lines === 1 && this.block.first.length <= HEADER && this.block.first.includes("|"); }

    // A line begins, or is there as a whole.
    begin(line, isWhole) {
      const kind = this.block?.kind, isShort = isWhole && line.length <= HELD;
      if (kind === "fence") return this.inFence(line, isShort);
      if (!line.trim()) return this.leave();
      if (isShort && FENCE.test(line)) return this.fence(FENCE.exec(line)[1]);
      if (HEADING.test(line)) return this.heading(line, ...HEADING.exec(line));
      if (isWhole && this.mayHead() && isDelimiter(line)) return this.table();
      if (kind === "table") return this.row(line, "td");
      if (isShort && kind !== "paragraph" && RULE.test(line)) return this.enter("rule", "hr");
      if (line.startsWith(">")) return this.quote(line.slice(line[1] === " " ? 2 : 1), isWhole);
      const item = ITEM.exec(line);
      if (item && (kind !== "paragraph" || !item[1])) return this.item(item, line);
      if (kind === "list") return this.sink.feed(`\n${line.trimStart()}`);
      return this.paragraph(line);
    }

    leave() {
      this.sink?.finish();
      this.sink = this.block = null;
    }

    enter(kind, name) {
      this.leave();
      const node = document.createElement(name);
      this.parent.append(node);
      this.block = { kind, node };
      return node;
    }

    into(sink) {
      this.sink?.finish();
      this.sink = sink;
      return sink;
    }

    paragraph(line) {
      if (this.block?.kind === "paragraph") {
        this.block.lines++;
        return this.sink.feed(`\n${line}`);
      }
      this.into(new Inline(this.enter("paragraph", "p"), this.cite)).feed(line);
      return Object.assign(this.block, { lines: 1, first: line });
    }

    heading(line, mark, { length }) {
      const node = this.enter("heading", `h${Math.min(length + 2, 5)}`);
      return this.into(new Heading(node, this.cite)).feed(line.slice(mark.length));
    }

    fence(mark) {
      const node = document.createElement("code");
      this.enter("fence", "pre").append(node);
      this.block.mark = mark;
      this.block.lines = 0;
      this.into(new Code(node));
    }

    inFence(line, isShort) {
      const mark = isShort && /^ {0,3}(`+|~+)\s*$/.exec(line)?.[1];
      if (mark && mark.startsWith(this.block.mark)) return this.leave();
      return this.sink.feed(this.block.lines++ ? `\n${line}` : line);
    }

    quote(text, isWhole) {
      if (this.block?.kind !== "quote") this.enter("quote", "blockquote");
      if (isWhole && !text.trim()) return this.into(null);
      if (this.sink) return this.sink.feed(`\n${text}`);
      const node = document.createElement("p");
      this.block.node.append(node);
      return this.into(new Inline(node, this.cite)).feed(text);
    }

    item([mark, { length: indent }, number], line) {
      const name = number === undefined ? "ul" : "ol";
      if (this.block?.kind !== "list") this.block = { kind: "list", levels: [{ indent, node: this.enter("list", name) }] };
      const { levels } = this.block;
      while (levels.length > 1 && indent < levels.at(-1).indent) levels.pop();
      const level = levels.at(-1);
      if (indent > level.indent + 1 && levels.length < LEVELS && level.node.lastChild) {
        levels.push({ indent, node: this.sublist(level.node.lastChild, name) });
      } else if (level.node.localName !== name) level.node = this.sublist(level.node.parentNode, name);
      const { node } = levels.at(-1), item = document.createElement("li");
      if (number !== undefined && !node.lastChild) node.start = Number(number);
      node.append(item);
      this.into(new Inline(item, this.cite)).feed(line.slice(mark.length));
    }

    sublist(parent, name) {
      const node = document.createElement(name);
      parent.append(node);
      return node;
    }

    table() {
      const { first, node } = this.block, table = element("table", element("thead"), element("tbody"));
      this.sink = null;
      node.replaceWith(table);
      this.block = { kind: "table", node: table };
      this.row(first, "th");
    }

    row(line, name) {
      const row = document.createElement("tr");
      for (const text of cells(line)) {
        const cell = document.createElement(name), inline = new Inline(cell, this.cite);
        inline.feed(text);
        inline.finish();
        row.append(cell);
      }
      work.characters += line.length;
      (name === "th" ? this.block.node.tHead : this.block.node.tBodies[0]).append(row);
    }
  }
  return { View, element, work };
})();
