// The card that shows a marker's sentence while the marker is hovered or has the focus; Escape puts it away.
"use strict";
import { make } from "./words.js";

let card = null;
let owner = null;
let leaving = 0;

function place() {
  const at = owner.getBoundingClientRect();
  const gap = 8;
  const width = Math.min(440, innerWidth - 2 * gap);
  card.style.width = `${width}px`;
  card.style.left = `${Math.max(gap, Math.min(at.left - 24, innerWidth - width - gap))}px`;
  const below = at.bottom + gap;
  const fits = below + card.offsetHeight <= innerHeight - gap;
  card.style.top = `${fits ? below : Math.max(gap, at.top - gap - card.offsetHeight)}px`;
}

function showTip(marker) {
  clearTimeout(leaving);
  if (owner === marker) return;
  hideTip();
  const words = document.getElementById(marker.id.replace("marker", "tip"));
  if (!words) return;
  owner = marker;
  card ??= document.body.appendChild(make("div"));
  card.id = "tipcard";
  card.setAttribute("role", "tooltip");
  card.replaceChildren(...words.cloneNode(true).childNodes);
  card.hidden = false;
  marker.setAttribute("aria-describedby", "tipcard");
  place();
}

export function hideTip() {
  if (!owner) return;
  owner.removeAttribute("aria-describedby");
  owner = null;
  card.hidden = true;
}

const leave = () => {
  clearTimeout(leaving);
  leaving = setTimeout(hideTip, 250); // long enough to reach the card with the pointer
};

document.addEventListener("mouseover", (event) => {
  const marker = event.target.closest?.("a.marker");
  if (marker) showTip(marker);
  else if (event.target.closest?.("#tipcard")) clearTimeout(leaving);
  else if (owner && document.activeElement !== owner) leave();
});
document.addEventListener("focusin", (event) => {
  const marker = event.target.closest?.("a.marker");
  if (marker) showTip(marker);
  else hideTip();
});
document.addEventListener("keydown", (event) => event.key === "Escape" && hideTip());
document.addEventListener("scroll", (event) => owner && !event.target.closest?.("#tipcard") && hideTip(), true);
