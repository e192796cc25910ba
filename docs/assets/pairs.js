/* Examples for both clients as tabs (WAI-ARIA tabs pattern). The side that is chosen holds for all pages. */
(() => {
  const SIDES = ["sync", "async"];
  const KEY = "gpo-client-side";

  const remembered = () => {
    try {
      return localStorage.getItem(KEY) === "async" ? "async" : "sync";
    } catch {
      return "sync"; // opened as a file, or not allowed to store anything
    }
  };

  const choose = (side) => {
    try {
      localStorage.setItem(KEY, side);
    } catch {
      /* it holds for this page */
    }
    for (const tab of document.querySelectorAll('.pair [role="tab"]')) {
      const selected = tab.dataset.side === side;
      tab.setAttribute("aria-selected", String(selected));
      tab.tabIndex = selected ? 0 : -1;
      document.getElementById(tab.getAttribute("aria-controls")).hidden = !selected;
    }
  };

  const tabbed = (pair, number) => {
    const blocks = [...pair.children].filter((child) => child.classList.contains("highlight"));
    if (blocks.length !== 2 || pair.classList.contains("tabbed")) return;
    const list = document.createElement("div");
    list.setAttribute("role", "tablist");
    list.setAttribute("aria-label", "Client");
    blocks.forEach((block, at) => {
      const tab = document.createElement("button");
      tab.type = "button";
      tab.textContent = tab.dataset.side = SIDES[at];
      tab.setAttribute("role", "tab");
      block.id ||= `pair-${number}-${SIDES[at]}`;
      block.setAttribute("role", "tabpanel");
      tab.setAttribute("aria-controls", block.id);
      tab.addEventListener("click", () => choose(SIDES[at]));
      tab.addEventListener("keydown", (event) => {
        if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
        choose(SIDES[1 - at]);
        list.children[1 - at].focus();
      });
      list.append(tab);
    });
    pair.prepend(list);
    pair.classList.add("tabbed");
  };

  document.querySelectorAll(".pair").forEach(tabbed);
  choose(remembered());
})();
