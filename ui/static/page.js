// What the page does beyond Gradio. It moves and marks what ui/*.py made and never makes markup from text itself.
"use strict";
import { ask, copy, copyLink, edit, leaveTalk, rate, settleEditing } from "./asking.js";
import {
  askAbout,
  choose,
  chooseAll,
  read,
  readAt,
  removeChosen,
  settleCollection,
  settleReader,
  sortBy,
} from "./collection.js";
import { deleteTalk, exportTalk, openTalk, renameTalk, settleShelf } from "./shelf.js";
import { reveal, settleSources, showContext, translate, unfold } from "./sources.js";
import { hideTip } from "./tips.js";
import { pull, word } from "./words.js";

export function goTo(tab) {
  document.getElementById(`${tab}-button`)?.click();
}

const rest = (button, name) => button.id.slice(name.length + 1);

// A button of class `do-edit` does `edit`.
const ACTS = {
  expand: unfold,
  translate,
  context: showContext,
  link: (button) => copyLink(rest(button, "link")),
  alone: (button) => pull("retry", { turn: Number(rest(button, "alone")), id: "alone" }),
  quote: (button) => readAt(rest(button, "quote")),
  edit: (button) => edit(Number(rest(button, "edit"))),
  retry: (button) => pull("retry", { turn: Number(rest(button, "retry")) }),
  copy: (button) => copy(rest(button, "copy")),
  rate,
  suggest: (button) => ask(button.textContent.trim()),
  logout: () => location.assign("./logout"),
  goto: (button) => goTo(rest(button, "goto")),
  talk: (button) => (leaveTalk(), openTalk(rest(button, "talk"))),
  fresh: () => (leaveTalk(), openTalk("")),
  rename: (button) => renameTalk(rest(button, "rename")),
  delete: (button) => deleteTalk(rest(button, "delete")),
  export: (button) => exportTalk(button.id.split("-").slice(2).join("-"), button.id.split("-")[1]),
  read: (button) => read(rest(button, "read")),
  sort: (button) => sortBy(rest(button, "sort")),
  "remove-one": (button) => removeChosen([rest(button, "remove")]),
  "remove-chosen": () => removeChosen(),
  "ask-about": (button) => (askAbout(rest(button, "ask")), goTo("chat")),
};

document.addEventListener("click", (event) => {
  const marker = event.target.closest("a.marker");
  if (marker) {
    event.preventDefault();
    hideTip();
    reveal(marker);
    return;
  }
  const button = event.target.closest("button");
  const act = [...(button?.classList ?? [])].find((kind) => kind.startsWith("do-"));
  if (act) ACTS[act.slice("do-".length)](button);
});
document.addEventListener("change", (event) => {
  if (event.target.matches("#rows input.pick")) choose();
  if (event.target.matches("#rows input.pick-all")) chooseAll(event.target.checked);
});

const name = (selector, text) => {
  for (const found of document.querySelectorAll(selector)) if (found.ariaLabel !== text) found.ariaLabel = text;
};

// The sanitiser drops states and names for screen readers, and Gradio leaves some of its own things without one.
function describe() {
  for (const toggle of document.querySelectorAll("button.toggle"))
    toggle.ariaPressed = String(toggle.classList.contains("pressed"));
  for (const fold of document.querySelectorAll("button.do-expand"))
    fold.ariaExpanded = String(fold.closest(".card").classList.contains("open"));
  for (const current of document.querySelectorAll("#shelf .talk"))
    current.ariaCurrent = current.classList.contains("current") ? "true" : null;
  for (const sorted of document.querySelectorAll("#rows th[class*=sorted]"))
    sorted.ariaSort = sorted.classList.contains("sorted-down") ? "descending" : "ascending";
  // Gradio reads the raw markup of a message out as its label; the message itself reads better.
  for (const message of document.querySelectorAll("#log [data-testid=bot][aria-label], #log [data-testid=user][aria-label]"))
    message.removeAttribute("aria-label");
  if (!document.getElementById("word-send")) return;
  name("#question .submit-button", word("send"));
  name("#question .stop-button", word("stop"));
  name("#log [role=log]", word("chat"));
  for (const day of document.querySelectorAll(".day input")) if (day.type !== "date") day.type = "date";
  // A list of choices has no placeholder of its own; an empty one means all.
  for (const box of document.querySelectorAll(".choice input")) {
    const text = box.closest(".choice").querySelector(".token") ? "" : word("filter_all");
    if (box.placeholder !== text) box.placeholder = text;
  }
  const language = document.querySelector("#head .masthead")?.lang;
  if (language && document.documentElement.lang !== language) document.documentElement.lang = language;
}

// What Gradio itself says in English only, and the page's text for it.
const SAID = { "This application is currently busy": "queue_full", "Connection errored out": "connection_lost" };
function translateToasts() {
  const shown = new Set();
  for (const toast of document.querySelectorAll("[data-testid=toast-text]")) {
    const said = Object.keys(SAID).find((start) => toast.textContent.trim().startsWith(start));
    if (said) toast.textContent = word(SAID[said]);
    // A question and the page's timer may be refused at once: told once.
    toast.style.display = shown.has(toast.textContent) ? "none" : "";
    shown.add(toast.textContent);
  }
}

// A link to a sentence opens the collection's tab, where its report is read; it holds until something else is opened.
let followed = false;
function followLink() {
  const address = new URL(location.href);
  if (followed || !address.searchParams.has("report")) return;
  if (!document.querySelector("#reader .card, #reader .linked") && !document.getElementById("collection-button")) return;
  if (!document.querySelector("#head .masthead")) return;
  followed = true;
  goTo("collection");
}
document.addEventListener("click", (event) => {
  const address = new URL(location.href);
  if (!followed || !event.isTrusted || !address.searchParams.has("report")) return;
  if (!event.target.closest("[role=tab], #shelf button, #rows button, #phrases button")) return;
  for (const name of ["report", "at", "quote"]) address.searchParams.delete(name);
  history.replaceState(history.state, "", address);
});

let waiting = false;
function settle() {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => {
    waiting = false;
    settleEditing();
    settleSources();
    settleShelf();
    settleCollection();
    settleReader();
    followLink();
    describe();
    translateToasts();
  });
}
new MutationObserver(settle).observe(document.documentElement, { childList: true, subtree: true });
settle();
