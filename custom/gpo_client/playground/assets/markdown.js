"use strict";
/*
 * Markdown to DOM nodes. Every character of the text ends up in a text node or is left out as a mark of the format:
 * there is no way from here to markup, whatever the text holds. What is not understood stays as it was written.
 */
const markdown = (() => {
  const INLINE = /(`+)([^`]|[^`][\s\S]*?[^`])\1(?!`)|\*\*(?=\S)([\s\S]*?\S)\*\*|__(?=\S)([\s\S]*?\S)__|\*(?=[^\s*])([^*]*[^\s*])\*|\[(\d{1,3})\](?!\()|\[([^\]\n]+)\]\(([^()\s]+)\)/g;
  const ITEM = /^(\s*)(?:[-*+]|(\d{1,9})[.)])\s+(.*)$/;
  const DEEPEST = 4;

  function element(name, ...children) {
    const node = document.createElement(name);
    node.append(...children);
    return node;
  }

  // `cite(number)` makes the node for a citation such as [1].
  function inline(parent, text, cite, depth = 0) {
    let done = 0;
    for (const found of text.matchAll(INLINE)) {
      const [whole, , code, bold, bold2, italic, citation, label, address] = found;
      const node = code !== undefined ? element("code", code)
        : citation !== undefined ? cite(Number(citation))
        : label !== undefined ? link(label, address)
        : depth < DEEPEST ? nested(bold ?? bold2 ?? italic, italic === undefined ? "strong" : "em", cite, depth)
        : document.createTextNode(whole);
      parent.append(text.slice(done, found.index), node ?? whole);
      done = found.index + whole.length;
    }
    parent.append(text.slice(done));
    return parent;
  }

  function nested(text, name, cite, depth) {
    return inline(document.createElement(name), text, cite, depth + 1);
  }

  // Only addresses that lead to another page; anything else, such as javascript:, stays text.
  function link(label, address) {
    let url;
    try { url = new URL(address); } catch { return null; }
    if (url.protocol !== "https:" && url.protocol !== "http:") return null;
    const node = element("a", label);
    node.href = url.href;
    node.target = "_blank";
    node.rel = "noopener noreferrer nofollow";
    return node;
  }

  // The text in blocks: paragraphs, lists, fenced code and so on, each as its lines.
  function blocks(text) {
    const found = [];
    let lines = [], fence = null;
    const end = () => { if (lines.length) found.push(lines.join("\n")); lines = []; };
    for (const line of text.replace(/\r\n?/g, "\n").split("\n")) {
      const mark = /^\s{0,3}(`{3,}|~{3,})/.exec(line)?.[1];
      if (fence) {
        lines.push(line);
        if (mark?.startsWith(fence) && line.trim() === mark) { fence = null; end(); }
      } else if (mark) {
        end();
        fence = mark;
        lines.push(line);
      } else if (!line.trim()) {
        end();
      } else {
        if (/^#{1,6}\s/.test(line) || (lines.length && ITEM.test(line) !== ITEM.test(lines[0]) && !/^\s/.test(line) && !ITEM.test(lines[0]))) end();
        lines.push(line);
        if (/^#{1,6}\s/.test(line)) end();
      }
    }
    end();
    return found;
  }

  function block(text, cite) {
    const lines = text.split("\n");
    const fence = /^\s{0,3}(`{3,}|~{3,})/.exec(lines[0]);
    if (fence) {
      const closed = lines.length > 1 && lines.at(-1).trim().startsWith(fence[1]);
      return element("pre", element("code", lines.slice(1, closed ? -1 : undefined).join("\n")));
    }
    const heading = /^(#{1,6})\s+(.*?)\s*#*$/.exec(lines[0]);
    if (heading && lines.length === 1) return inline(document.createElement(`h${Math.min(heading[1].length + 2, 5)}`), heading[2], cite);
    if (lines.length === 1 && /^\s{0,3}([-*_])(\s*\1){2,}\s*$/.test(text)) return document.createElement("hr");
    if (lines.every(line => line.startsWith(">"))) return quote(lines, cite);
    if (lines.length > 1 && lines[0].includes("|") && /^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$/.test(lines[1])) return table(lines, cite);
    if (ITEM.test(lines[0])) return list(lines, cite);
    return inline(document.createElement("p"), text, cite);
  }

  function quote(lines, cite) {
    const inner = lines.map(line => line.replace(/^>\s?/, "")).join("\n");
    return element("blockquote", ...blocks(inner).map(part => inline(document.createElement("p"), part, cite)));
  }

  function list(lines, cite) {
    const first = ITEM.exec(lines[0]);
    const node = document.createElement(first[2] === undefined ? "ul" : "ol");
    if (first[2] !== undefined) node.start = Number(first[2]);
    const items = [];
    for (const line of lines) {
      const item = ITEM.exec(line);
      if (item && item[1].length <= first[1].length + 1) items.push({ text: item[3], inner: [] });
      else if (item) items.at(-1).inner.push(line);
      else items.at(-1).text += "\n" + line.trim();
    }
    for (const { text, inner } of items) {
      const item = inline(document.createElement("li"), text, cite);
      if (inner.length) item.append(list(inner.map(line => line.slice(2)), cite));
      node.append(item);
    }
    return node;
  }

  function table(lines, cite) {
    const cells = line => line.trim().replace(/^\||\|$/g, "").split("|").map(cell => cell.trim());
    const row = (line, name) => element("tr", ...cells(line).map(cell => inline(document.createElement(name), cell, cite)));
    return element("table", element("thead", row(lines[0], "th")), element("tbody", ...lines.slice(2).map(line => row(line, "td"))));
  }

  // Shows a text that grows. What was shown before and is still the same is left alone, so a selection in it stays.
  class View {
    constructor(parent, cite) {
      this.parent = parent;
      this.cite = cite;
      this.shown = [];
    }
    show(text) {
      const wanted = blocks(text);
      let same = 0;
      while (same < wanted.length && wanted[same] === this.shown[same]) same++;
      while (this.parent.childNodes.length > same) this.parent.lastChild.remove();
      for (const part of wanted.slice(same)) this.parent.append(block(part, this.cite));
      this.shown = wanted;
    }
  }
  return { View, element };
})();
