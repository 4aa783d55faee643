// The collection: its list, what is chosen in it, and files that are dropped on it.
"use strict";
import { pull } from "./words.js";

export const read = (id) => pull("read", { id });
export const sortBy = (column) => pull("sort", { id: column });
export const askAbout = (id) => pull("about", { id });
export function choose() {}
export function chooseAll() {}
export function removeChosen() {}
export function settleCollection() {}
