// The question box and what can be done with a question or an answer: edit, ask again, copy, rate.
"use strict";
import { make, press, pull, say, talkShown, word, write } from "./words.js";

const box = () => document.querySelector("#question textarea");

export function ask(text) {
  write(box(), text);
  // Gradio takes the text over in its own time
  setTimeout(() => document.querySelector("#question .submit-button")?.click());
}

export function edit(turn) {
  stopEditing();
  write(box(), document.getElementById(`question-${turn}`).textContent);
  pull("from", { turn, id: talkShown() });
  const told = make("div", "editing", word("edit"));
  told.append(
    press(word("cancel"), "act", () => {
      dropEdit();
      box().focus();
    }),
  );
  document.getElementById("question").before(told);
  box().focus();
}

const stopEditing = () => document.querySelector(".editing")?.remove();

function dropEdit() {
  if (!document.querySelector(".editing")) return;
  stopEditing();
  pull("from", { turn: 0 });
  write(box(), "");
}

// What was begun in a conversation ends when another one is opened.
export function leaveTalk() {
  dropEdit();
  document.querySelector(".commenting")?.remove();
}

// The server empties the order when it has taken the edited question.
export function settleEditing() {
  if (document.querySelector("#lever-from textarea")?.value === "") stopEditing();
}

export const copy = (turn) => toClipboard(document.getElementById(`plain-${turn}`)?.textContent ?? "", "copied");

export function copyLink(place) {
  const query = document.getElementById(`address-${place}`)?.textContent ?? "";
  return toClipboard(new URL(query, location.origin + location.pathname).href, "link_copied");
}

async function toClipboard(text, done) {
  try {
    await navigator.clipboard.writeText(text);
    say(word(done));
  } catch {
    say(word(copyOld(text) ? done : "copy_failed"));
  }
}

// Browsers keep the clipboard from pages that come over plain http from another machine; this way is left to them.
function copyOld(text) {
  const held = document.body.appendChild(make("textarea", "sr"));
  held.value = text;
  held.select();
  const done = document.execCommand("copy");
  held.remove();
  return done;
}

export function rate(button) {
  const [, turn, way] = button.id.split("-");
  const taken = button.classList.contains("pressed");
  const ids = [talkShown()];
  pull("rate", { turn: Number(turn), id: taken ? "" : way, ids });
  document.querySelector(".commenting")?.remove();
  if (taken) return;
  const form = make("div", "commenting");
  const label = make("label", "", word("comment_hint"));
  const field = label.appendChild(make("textarea"));
  field.rows = 2;
  field.maxLength = 2000;
  const save = () => {
    if (field.value.trim()) pull("rate", { turn: Number(turn), id: way, text: field.value, ids });
    form.remove();
    say(word("thanks"));
    document.getElementById(button.id)?.focus();
  };
  const close = () => {
    form.remove();
    document.getElementById(button.id)?.focus();
  };
  field.addEventListener("keydown", (event) => event.key === "Escape" && close());
  form.append(label, press(word("save"), "act", save), press(word("cancel"), "act", close));
  document.getElementById("question").before(form);
  field.focus();
}
