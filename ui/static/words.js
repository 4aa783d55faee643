// What every part of the script needs: the words of the page, orders to the server, and a line that is read out.
"use strict";

// ui/head.py puts the words, in the page's language, where ids find them.
export const word = (name) => document.getElementById(`word-${name}`)?.textContent ?? name;

export function make(tag, kind, text = "") {
  const made = document.createElement(tag);
  if (kind) made.className = kind;
  if (text) made.textContent = text;
  return made;
}

export function press(text, kind, act) {
  const made = make("button", kind, text);
  made.type = "button";
  made.addEventListener("click", act);
  return made;
}

export function write(box, text) {
  box.value = text;
  box.dispatchEvent(new Event("input", { bubbles: true }));
}

let pulls = Date.now(); // the same order twice is two orders
export function pull(name, order) {
  write(document.querySelector(`#lever-${name} textarea`), JSON.stringify({ ...order, pull: ++pulls }));
}

// The conversation that is shown, as the list marks it; "" for a new one.
export const talkShown = () => document.querySelector("#shelf .current")?.id.slice("talk-".length) ?? "";

let said;
export function say(text) {
  const line = document.getElementById("said") ?? document.body.appendChild(make("div"));
  line.id = "said";
  line.setAttribute("role", "status");
  line.textContent = text;
  clearTimeout(said);
  said = setTimeout(() => (line.textContent = ""), 5000);
}

export const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
