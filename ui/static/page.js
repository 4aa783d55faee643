// What the page does beyond Gradio: a marker shows its sentence in its report, and a report opens at its sentence.
// It moves what ui/evidence.py made and never makes markup itself.
"use strict";

const sections = () => [...document.querySelectorAll("#sources .sources")];

function show(section) {
  for (const other of sections()) other.classList.toggle("shown", other === section);
}

// Only the report's own box scrolls, so that a new answer does not move the whole page.
function centre(report, target) {
  const offset = target.getBoundingClientRect().top - report.getBoundingClientRect().top;
  report.scrollTop += offset - report.clientHeight / 3;
}

function settle() {
  if (sections().length && !document.querySelector("#sources .sources.shown")) {
    show(sections()[0]);
    document.getElementById("proof")?.scrollTo({ top: 0 });
  }
  for (const report of document.querySelectorAll("#sources .sources.shown .report:not(.settled)")) {
    report.classList.add("settled");
    const first = report.querySelector(".number");
    if (first) centre(report, first);
  }
  // Gradio reads the raw markup of a message out as its label; the message itself reads better.
  for (const message of document.querySelectorAll("#log [data-testid=bot][aria-label], #log [data-testid=user][aria-label]"))
    message.removeAttribute("aria-label");
  // Gradio leaves these two without a name; evidence.py put the words, in the page's language, where ids find them.
  for (const name of ["send", "stop"])
    for (const button of document.querySelectorAll(`#question .${name === "send" ? "submit" : "stop"}-button`))
      button.setAttribute("aria-labelledby", `word-${name}`);
}

function reveal(id) {
  const target = document.getElementById(id);
  if (!target) return;
  const section = target.closest(".sources");
  if (!section.classList.contains("shown")) show(section);
  settle();
  const report = target.closest(".report");
  if (report) centre(report, target);
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  target.closest(".card").scrollIntoView({ block: "nearest", behavior: calm ? "auto" : "smooth" });
  target.focus({ preventScroll: true });
  for (const old of document.querySelectorAll("#sources .chosen")) old.classList.remove("chosen");
  for (const mark of document.getElementsByClassName(id.replace("citation", "for"))) mark.classList.add("chosen");
}

document.addEventListener("click", (event) => {
  const marker = event.target.closest("a.marker");
  if (marker) {
    event.preventDefault();
    reveal(marker.getAttribute("href").slice(1));
    return;
  }
  const toggle = event.target.closest("button.expand");
  if (toggle) {
    const card = toggle.closest(".card");
    card.classList.toggle("open");
    const first = card.querySelector(".number");
    if (first && !card.classList.contains("open")) centre(card.querySelector(".report"), first);
  }
});

let waiting = false;
new MutationObserver(() => {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => {
    waiting = false;
    settle();
  });
}).observe(document.documentElement, { childList: true, subtree: true });
