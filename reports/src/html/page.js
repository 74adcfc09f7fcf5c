"use strict";
(() => {
  const search = document.getElementById("search");
  const area = document.getElementById("area");
  const shown = document.getElementById("shown");
  const told = document.getElementById("told");
  const standings = [...document.querySelectorAll("input[name=standing]")];
  const entries = [...document.querySelectorAll("details.requirement")];
  const groups = [...document.querySelectorAll(".group")];

  const filter = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = new Set(standings.filter((box) => box.checked).map((box) => box.value));
    let visible = 0;
    for (const entry of entries) {
      const { words: own, area: ownArea, standing } = entry.dataset;
      const passes = wanted.has(standing) && (!area.value || area.value === ownArea) && words.every((word) => own.includes(word));
      entry.hidden = !passes;
      visible += passes;
    }
    for (const group of groups) group.hidden = !group.querySelector("details.requirement:not([hidden])");
    shown.textContent = visible === entries.length ? "" : `${visible} of ${entries.length} shown`;
  };
  for (const input of [search, area, ...standings]) input.addEventListener("input", filter);
  document.querySelector(".filters").addEventListener("submit", (event) => event.preventDefault());

  // A link to a requirement shows it, whatever was filtered or folded.
  const reveal = () => {
    const entry = document.getElementById(location.hash.slice(1));
    if (!entry?.matches("details.requirement")) return;
    if (entry.hidden) {
      search.value = area.value = "";
      for (const box of standings) box.checked = true;
      filter();
    }
    entry.open = true;
    entry.scrollIntoView();
    // Entries that come into view get their true heights only when they are drawn: what is below them moves.
    requestAnimationFrame(() => requestAnimationFrame(() => entry.scrollIntoView()));
  };
  addEventListener("hashchange", reveal);

  let untold;
  const tell = (text) => {
    // What was told before must not take this away too soon.
    clearTimeout(untold);
    told.textContent = text;
    untold = setTimeout(() => (told.textContent = ""), 1500);
  };
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("button.copy");
    if (!button) return;
    const line = button.closest(".command").querySelector("code");
    try {
      await navigator.clipboard.writeText(line.textContent);
      tell("Copied");
    } catch {
      getSelection().selectAllChildren(line);
      tell(document.execCommand("copy") ? "Copied" : "Selected: copy it");
    }
  });

  // Single keys get in the way of those who speak to their machine, or miss the key they mean: they can be switched off (WCAG 2.1.4).
  const keys = document.getElementById("keys");
  document.addEventListener("keydown", (event) => {
    if (!keys.checked || event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, select, textarea")) return;
    if (event.key === "/") {
      event.preventDefault();
      search.focus();
    } else if (event.key === "j" || event.key === "k") {
      const summaries = entries.filter((entry) => !entry.hidden).map((entry) => entry.querySelector("summary"));
      const at = summaries.findIndex((summary) => summary === document.activeElement);
      const next = summaries[event.key === "j" ? at + 1 : Math.max(at - 1, 0)];
      next?.focus();
      next?.scrollIntoView({ block: "center" });
    }
  });
  reveal();
  addEventListener("beforeprint", () => {
    for (const details of document.querySelectorAll("details.requirement[data-standing=broken] details")) details.open = true;
  });
})();
