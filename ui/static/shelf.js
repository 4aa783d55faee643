// The list of conversations: open, rename, delete, export; the address of the page says which one is open.
"use strict";
import { leaveTalk } from "./asking.js";
import { make, pull, talkShown, word } from "./words.js";

export const openTalk = (id) => pull("open", { id });

export function renameTalk(id) {
  const row = document.getElementById(`talk-${id}`);
  const field = make("input", "rename-field");
  field.value = row.textContent.trim();
  field.maxLength = 120;
  field.setAttribute("aria-label", word("conversation_name"));
  let done = false;
  const end = (keep) => {
    if (done) return;
    done = true;
    const name = field.value.trim();
    field.replaceWith(row);
    if (keep && name) pull("rename", { id, text: name });
    row.focus();
  };
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter") end(true);
    if (event.key === "Escape") end(false);
  });
  field.addEventListener("blur", () => end(true));
  row.replaceWith(field);
  field.select();
}

export function deleteTalk(id) {
  const title = document.getElementById(`talk-${id}`).textContent.trim();
  if (!confirm(word("delete_sure").replace("{title}", title))) return;
  if (id === talkShown()) leaveTalk();
  pull("delete", { id });
}

export const exportTalk = (id, format) => pull("export", { id, text: format });

// On a narrow screen the list begins folded; as the person leaves it, it stays, though the server draws it anew.
let unfolded = innerWidth > 860;
document.addEventListener("click", (event) => {
  const shelf = event.target.closest?.("#shelf .shelf > summary")?.parentElement;
  if (shelf) unfolded = !shelf.open;
});

async function save(address, name) {
  const answer = await fetch(address);
  if (!answer.ok) return;
  const way = document.body.appendChild(make("a"));
  way.href = URL.createObjectURL(await answer.blob());
  way.download = name;
  way.click();
  way.remove();
  setTimeout(() => URL.revokeObjectURL(way.href), 60000);
}

// What was exported lies behind a link that Gradio makes; it is fetched once.
const fetched = new Set();
export function settleShelf() {
  for (const link of document.querySelectorAll("#exported a[href*='file=']")) {
    if (fetched.has(link.href)) continue;
    fetched.add(link.href);
    // "Title.2d1f0c55.md": the middle part makes each export a file of its own, and is no part of its name.
    save(link.href, decodeURIComponent(link.href.split("/").pop()).replace(/\.[0-9a-f]{8}(?=\.\w+$)/, ""));
  }
  // before the list is there, the address still tells the server what to open
  if (!document.querySelector("#shelf .shelf")) return;
  const shelf = document.querySelector("#shelf .shelf:not(.settled)");
  if (shelf) {
    shelf.classList.add("settled");
    shelf.open = unfolded;
  }
  const here = talkShown();
  const address = new URL(location.href);
  if ((address.searchParams.get("talk") ?? "") !== here) {
    if (here) address.searchParams.set("talk", here);
    else address.searchParams.delete("talk");
    history.replaceState(history.state, "", address);
  }
}

// The list scrolls and would cut its menus off, so that a menu is put beside its button on the screen.
document.addEventListener(
  "toggle",
  (event) => {
    const menu = event.target;
    if (!menu.matches?.("details.menu") || !menu.open) return;
    const at = menu.querySelector("summary").getBoundingClientRect();
    const acts = menu.querySelector(".acts");
    acts.style.left = `${Math.max(8, Math.min(at.left, innerWidth - acts.offsetWidth - 8))}px`;
    acts.style.top = `${Math.max(8, Math.min(at.bottom + 4, innerHeight - acts.offsetHeight - 8))}px`;
  },
  true,
);

// A menu closes when something outside it is chosen.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("#shelf details.menu[open]"))
    if (!menu.contains(event.target) || event.target.closest("button")) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && event.target.closest?.("details.menu[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});
