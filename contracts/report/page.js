// What the page can do beyond being read: filter rows, copy lines, unfold everything for paper.
"use strict";

const rows = [...document.querySelectorAll("#constraints tr[data-states]")];
const groups = [...document.querySelectorAll("#constraints .group")];
const nothing = document.querySelector("#constraints .nothing");

function show(form) {
  const state = form.elements.state.value;
  const words = form.elements.words.value.trim().toLowerCase();
  for (const row of rows) {
    const fits = state === "all" || row.dataset.states.split(" ").includes(state);
    row.hidden = !fits || !row.textContent.toLowerCase().includes(words);
  }
  for (const group of groups) {
    group.hidden = !group.querySelector("tr[data-states]:not([hidden])");
    group.open = group.open || state !== "all" || words !== "";
  }
  nothing.hidden = groups.some((group) => !group.hidden);
}

for (const form of document.querySelectorAll("form.filter")) {
  form.hidden = false;
  form.addEventListener("input", () => show(form));
  form.addEventListener("submit", (event) => event.preventDefault());
}

async function copy(line, button) {
  const selection = getSelection();
  selection.selectAllChildren(line);
  try {
    await navigator.clipboard.writeText(line.textContent);
  } catch {
    document.execCommand("copy"); // where the page may not write to the clipboard by itself
  }
  button.textContent = "copied";
  setTimeout(() => (button.textContent = "copy"), 1500);
}

for (const line of document.querySelectorAll("pre.copy")) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "copy";
  button.addEventListener("click", () => copy(line, button));
  const frame = document.createElement("div");
  frame.className = "framed";
  line.replaceWith(frame);
  frame.append(line, button);
}

addEventListener("beforeprint", () => {
  for (const folded of document.querySelectorAll("details:not([open])")) folded.open = true;
});
