// The panel of sources: one view at a time, a report opens at its sentence, a translation comes when it is asked for.
"use strict";
import { calm, make, pull, word } from "./words.js";

const sections = () => [...document.querySelectorAll("#sources .sources")];

function show(section) {
  for (const other of sections()) other.classList.toggle("shown", other === section);
}

// Only the report's own box scrolls, so that a new answer does not move the whole page.
function centre(report, target) {
  const offset = target.getBoundingClientRect().top - report.getBoundingClientRect().top;
  report.scrollTop += offset - report.clientHeight / 3;
}

// The sentence with the lowest number, wherever it stands; without numbers the first.
const firstOf = (report) =>
  [...report.querySelectorAll(".number")].sort((a, b) => a.textContent - b.textContent)[0] ?? report.querySelector("mark");

export function settleSources() {
  if (sections().length && !document.querySelector("#sources .sources.shown")) {
    show(sections()[0]);
    document.getElementById("proof")?.scrollTo({ top: 0 });
  }
  for (const report of document.querySelectorAll("#sources .sources.shown .report:not(.settled)")) {
    if (!report.clientHeight) continue;
    report.classList.add("settled");
    const first = firstOf(report);
    if (first) centre(report, first);
  }
  const replies = "#gloss-reply .reply:not(.taken), #around-reply .reply:not(.taken)";
  for (const reply of document.querySelectorAll(replies)) {
    reply.classList.add("taken");
    const home = document.getElementById(reply.id.slice("reply-".length));
    home?.replaceChildren(...reply.cloneNode(true).childNodes);
    home?.querySelector("blockquote")?.focus({ preventScroll: true });
  }
}

let cameFrom = null; // the marker that Escape goes back to

export function reveal(marker) {
  const id = marker.getAttribute("href").slice(1);
  const target = document.getElementById(id);
  if (!target) return;
  cameFrom = marker.id;
  const section = target.closest(".sources");
  if (!section.classList.contains("shown")) show(section);
  settleSources();
  const report = target.closest(".report");
  const behavior = calm() ? "auto" : "smooth";
  if (report && report.scrollHeight > report.clientHeight + 1) {
    centre(report, target);
    target.closest(".card").scrollIntoView({ block: "nearest", behavior });
  } else {
    // a report that lies open scrolls with the panel
    target.scrollIntoView({ block: "center", behavior });
  }
  target.focus({ preventScroll: true });
  for (const old of document.querySelectorAll("#sources .chosen")) old.classList.remove("chosen");
  for (const mark of document.getElementsByClassName(id.replace("citation", "for"))) mark.classList.add("chosen");
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && cameFrom && event.target.closest?.("#sources")) document.getElementById(cameFrom)?.focus();
});

// Opened by its summary, a report is scrolled to its sentence; `toggle` does not bubble.
document.addEventListener(
  "toggle",
  (event) => {
    if (!event.target.matches?.("#sources details")) return;
    settleSources();
    if (event.target.open) event.target.scrollIntoView({ block: "nearest" });
  },
  true,
);

export function unfold(button) {
  const card = button.closest(".card");
  button.ariaExpanded = String(card.classList.toggle("open"));
  const first = firstOf(card.querySelector(".report"));
  if (first && !card.classList.contains("open")) centre(card.querySelector(".report"), first);
}

export function translate(button) {
  const [turn, place] = button.id.slice("translate-".length).split("-");
  const home = button.parentElement;
  home.replaceChildren(make("span", "hint", word("translating")));
  home.tabIndex = -1;
  home.focus({ preventScroll: true });
  pull("gloss", { turn: Number(turn), id: place });
}

export function showContext(button) {
  const [turn, place] = button.id.slice("context-".length).split("-");
  pull("context", { turn: Number(turn), id: place });
}
